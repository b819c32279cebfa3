"""What is kept for the next poster weighs no more than it may."""

import threading

from PIL import Image

from promo.keeping import kept


def test_the_oldest_pictures_go_when_there_are_too_many_bytes() -> None:
    made: list[int] = []

    @kept(megabytes=1)
    def picture(number: int) -> Image.Image:
        made.append(number)
        return Image.new("RGB", (256, 256))  # a quarter of a megabyte

    for number in (1, 2, 3, 1, 4, 2):
        assert picture(number).size == (256, 256)
    assert made == [1, 2, 3, 4, 2]  # 1 was used again and stayed; 2 had to go
    assert picture.cache_info().currsize <= 1 << 20
    picture.cache_clear()
    assert picture.cache_info() == (0, 0, 1 << 20, 0)


def test_what_is_larger_than_all_that_may_be_kept_is_made_anew_each_time() -> None:
    @kept(megabytes=0.5)
    def picture(side: int) -> tuple[Image.Image, str]:
        return Image.new("L", (side, side)), "with a word"

    picture(1_000)
    picture(1_000)
    assert (picture.cache_info().misses, picture.cache_info().currsize) == (2, 0)


def test_threads_get_the_same_answers() -> None:
    @kept(megabytes=0.2)
    def picture(number: int) -> Image.Image:
        return Image.new("L", (100 + number, 100))

    wrong: list[int] = []

    def ask() -> None:
        wrong.extend(number for number in range(200) if picture(number % 40).width != 100 + number % 40)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert picture.cache_info().currsize <= 0.2 * (1 << 20)
