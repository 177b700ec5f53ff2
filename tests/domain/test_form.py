"""A form is read as a browser would send it."""

from demo.form import forms_of

PAGE = """
<form method="post" action="/c/abc/report?x=1">
  <input type="hidden" name="nonce" value="a&amp;b&quot;c">
  <input name="name" type="text" value="" required>
  <input name="off" value="1" disabled>
  <input type="submit" name="press" value="Gửi">
  <input type="radio" name="how" value="a">
  <input type="radio" name="how" value="b" checked>
  <input type="radio" name="how" value="c">
  <input type="checkbox" name="agree" value="yes">
  <input type="checkbox" name="sure" checked>
  <select name="level"><option value="1">Một</option><option value="2" selected>Hai</option>
  <option value="3">Ba</option></select>
  <select name="first"><option value="x">X</option><option value="y">Y</option></select>
  <textarea name="text" required>
&lt;b&gt; Đã họp
lần hai</textarea>
  <textarea name="empty"></textarea>
  <button type="submit" name="go" value="1">Gửi</button>
</form>
<input name="outside" value="1">
<form action="/c/abc/accept/"><input type="hidden" name="nonce" value="2"></form>
"""


def test_a_form_sends_what_a_browser_sends() -> None:
    form = forms_of(PAGE)["report"]
    assert form.action == "/c/abc/report?x=1"
    assert form.fields == {
        "nonce": 'a&b"c',
        "name": "",
        "how": "b",
        "sure": "on",
        "level": "2",
        "first": "x",
        "text": "<b> Đã họp\nlần hai",
        "empty": "",
    }
    assert form.required == {"name", "text"}
    assert form.kinds["nonce"] == "hidden"
    assert form.kinds["text"] == "textarea"
    assert "press" not in form.kinds


def test_forms_are_known_by_what_they_do() -> None:
    forms = forms_of(PAGE)
    assert set(forms) == {"report", "accept"}
    assert forms["accept"].fields == {"nonce": "2"}


def test_a_page_without_forms() -> None:
    assert forms_of("<p>Đã ghi nhận</p>") == {}
    assert forms_of("") == {}
