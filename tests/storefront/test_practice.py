"""The practice network as a person and as a program sees it."""

import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from storefront.practice.app import links, make_app
from storefront.practice.mischief import FAULTS, Mischief

JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
TOKEN = {"Authorization": "Bearer latihan"}


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return TestClient(make_app(tmp_path))


def publish(client: TestClient, caption: str = "Keripik apel http://wonorejo.example/Q/ABC123.", **given: object) -> dict[str, object]:
    picture = client.post("/api/media", content=JPEG, headers={**TOKEN, "X-Alt": "Keripik%20apel"}).json()["id"]
    body = {"caption": caption, "media": [picture], "marker": "ABC123", "account": "desa.wonorejo", **given}
    return dict(client.post("/api/posts", json=body, headers=TOKEN).json())


def test_a_post_is_on_the_timeline_with_picture_words_and_a_link_to_click(client: TestClient) -> None:
    assert "Belum ada unggahan" in client.get("/").text
    post = publish(client, "Keripik <b>apel</b> http://wonorejo.example/Q/ABC123. #wonorejo")
    page = client.get("/").text
    assert '<a href="http://wonorejo.example/Q/ABC123">http://wonorejo.example/Q/ABC123</a>.' in page
    assert '<span class="tag">#wonorejo</span>' in page
    assert "&lt;b&gt;apel&lt;/b&gt;" in page
    assert 'alt="Keripik apel"' in page
    assert "desa.wonorejo" in page
    (listed,) = client.get("/posts.json").json()
    assert listed == post
    assert listed["links"] == ["http://wonorejo.example/Q/ABC123"]
    assert client.get(listed["pictures"][0]).content == JPEG
    assert "wonorejo" in client.get(listed["permalink"]).text


def test_it_counts_who_sees_a_post_and_who_likes_it(client: TestClient, tmp_path: Path) -> None:
    post = publish(client)
    number = post["id"]
    assert client.get(f"/api/posts/{number}", headers=TOKEN).json() == {"views": 0, "likes": 0}
    client.get("/")
    client.get(f"/p/{number}")
    assert client.post(f"/p/{number}/like").url.fragment == f"p{number}"  # and the timeline it leads back to is seen once more
    again = TestClient(make_app(tmp_path))
    assert again.get(f"/api/posts/{number}", headers=TOKEN).json() == {"views": 3, "likes": 1}
    page = client.get(f"/p/{number}", headers={"Accept-Language": "en"}).text
    assert "Shown 4 times" in page
    assert again.get("/api/posts/99", headers=TOKEN).json() == {"views": None, "likes": None}  # what it does not hold it knows nothing of
    assert again.get(f"/api/posts/{number}").status_code == 401


def test_half_a_file_of_figures_costs_no_post(client: TestClient, tmp_path: Path) -> None:
    post = publish(client)
    client.get("/")
    (tmp_path / "numbers.json").write_text('{"1": {"vie')
    again = TestClient(make_app(tmp_path))
    assert [one["id"] for one in again.get("/posts.json").json()] == [post["id"]]


def test_it_speaks_the_readers_language(client: TestClient) -> None:
    assert "No posts yet" in client.get("/", headers={"Accept-Language": "en-GB,en"}).text
    assert "Belum ada unggahan" in client.get("/", headers={"Accept-Language": "id-ID,id"}).text
    assert "Galat 500, padahal sudah tayang" in client.get("/misbehave", headers={"Accept-Language": "id"}).text


def test_a_restart_keeps_every_post(client: TestClient, tmp_path: Path) -> None:
    first = publish(client)
    again = TestClient(make_app(tmp_path))
    assert again.get("/posts.json").json() == [first]
    assert publish(again)["id"] == 2


def test_two_equal_posts_are_two_posts(client: TestClient) -> None:
    publish(client)
    publish(client)
    assert [post["marker"] for post in client.get("/posts.json").json()] == ["ABC123", "ABC123"]


def test_a_refused_call_says_so_in_numbers(client: TestClient) -> None:
    assert client.post("/api/posts", json={"caption": "x"}).status_code == 401
    assert client.post("/api/media", content=b"GIF89a", headers=TOKEN).status_code == 415
    assert client.post("/api/media", content=JPEG + bytes(9 * 1024 * 1024), headers=TOKEN).status_code == 413
    assert client.post("/api/posts", json={"caption": "x", "media": ["9"]}, headers=TOKEN).json()["error"]["code"] == 43
    assert client.post("/api/posts", json={"caption": "x" * 2_201}, headers=TOKEN).status_code == 422
    assert client.get("/api/posts").status_code == 401
    assert client.get("/media/..%2Fposts%2F1.jpg").status_code == 404
    assert client.get("/p/9").status_code == 404


def test_an_error_after_accepting_leaves_the_post_there(client: TestClient) -> None:
    client.post("/misbehave", json={"faults": {"error_after": 1}})
    picture = client.post("/api/media", content=JPEG, headers=TOKEN).json()["id"]
    answer = client.post("/api/posts", json={"caption": "x", "media": [picture], "marker": "ABC123"}, headers=TOKEN)
    assert answer.status_code == 500
    assert [post["marker"] for post in client.get("/posts.json").json()] == ["ABC123"]


def test_a_lagging_list_hides_what_is_new(client: TestClient) -> None:
    publish(client)
    client.post("/misbehave", json={"faults": {"lag": 1}, "seconds": 60})
    assert client.get("/api/posts", headers=TOKEN).json() == {"posts": []}
    assert len(client.get("/api/posts", headers=TOKEN).json()["posts"]) == 1


def test_the_switches_work_as_a_form_and_end_everything_when_emptied(client: TestClient) -> None:
    answer = client.post("/misbehave", data={"error_before": "2", "slow": "", "seconds": "3"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/misbehave")
    assert 'name="error_before" type="number" min="0" max="1000" inputmode="numeric" value="2"' in client.get("/misbehave").text
    assert client.post("/misbehave", json={}).json()["left"] == {}


def test_each_fault_lasts_for_as_many_calls_as_asked() -> None:
    mischief = Mischief()
    mischief.set({"slow": 2, "token_dead": 1})
    assert [mischief.of_publishing() for _ in range(3)] == ["slow", "slow", None]
    assert [mischief.of_any() for _ in range(2)] == ["token_dead", None]
    mischief.set({}, chance={"error_after": 1.0})
    assert mischief.of_publishing() == "error_after"
    with pytest.raises(ValueError, match="earthquake"):
        mischief.set({"earthquake": 1})
    assert len(FAULTS) == len(set(FAULTS))


def test_a_link_ends_where_the_sentence_does() -> None:
    assert links("Pesan: HTTPS://DESA.ID/Q/7K3M2A, atau http://desa.id/Q/ABC123.") == [
        "HTTPS://DESA.ID/Q/7K3M2A",
        "http://desa.id/Q/ABC123",
    ]
    assert links("tidak ada") == []


def test_the_process_ends_with_whoever_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "storefront.practice", "--data", str(tmp_path), "--port", "0", "--with-parent"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    taken = subprocess.run([*command[:-3], "--port", url.rpartition(":")[2]], capture_output=True, text=True, timeout=20)
    assert (taken.returncode, "cannot listen" in taken.stderr) == (1, True)
    process.stdin.close()
    assert process.wait(timeout=10) == 0
    process.stdout.close()
