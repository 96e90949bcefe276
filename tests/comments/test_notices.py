"""Who is told what, and who is not; what is told once, and what is taken back."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Article, Correction
from comments import notices, tasks
from comments.models import Comment, Follow, MailChoice, Mute, Notice, Report

Kind, Mail, Pace = Notice.Kind, Notice.Mail, MailChoice.Pace
UTC = datetime.UTC


@pytest.fixture
def ada(make_user):
    return make_user("ada", display_name="Ada L.")


@pytest.fixture
def bruno(make_user):
    return make_user("bruno")


@pytest.fixture
def said(make_comment, ada):
    """A comment of Ada's that readers see."""
    return make_comment(author=ada)


@pytest.fixture
def held(make_comment, ada):
    return make_comment(author=ada, status=Comment.Status.PENDING)


def told(person, **fields):
    return [notice.kind for notice in person.notices.filter(**fields).order_by("pk")]


def mails(person, **fields):
    return [notice.mail for notice in person.notices.filter(**fields).order_by("pk")]


def report(comment, *people):
    for person in people:
        Report.objects.create(comment=comment, reporter=person, reason="attack")


# Authors


def test_author_is_told_that_what_waited_is_published(held, ada, moderator):
    held.approve(by=moderator)
    notice = ada.notices.get()
    assert (notice.kind, notice.mail) == (Kind.APPROVED, Mail.WAITING)
    assert notice.mail_due_at <= timezone.now()
    assert notice.words == f"Your comment under “{held.article.headline}” is published"
    assert not moderator.notices.exists()


def test_author_of_what_is_shown_at_once_is_told_nothing(write, reader):
    write().submit()
    assert not reader.notices.exists()


def test_author_is_told_why_a_comment_is_not_published(held, ada, moderator):
    held.reject(by=moderator, reason="attack", message="The last line.", note="third time")
    notice = ada.notices.get()
    assert (notice.kind, notice.mail) == (Kind.REJECTED, Mail.WAITING)
    assert notice.words.endswith("was not published")
    assert (notice.reason, notice.message) == ("Personal attack", "The last line.")
    assert notice.next_step
    assert "third time" not in f"{notice.words}{notice.message}{notice.next_step}{notice.rule}"


def test_author_is_told_that_a_published_comment_was_taken_down(said, ada, moderator):
    said.reject(by=moderator, reason="attack")
    assert ada.notices.get().words.endswith("was taken down")


def test_author_of_spam_is_told_in_the_list_alone(held, ada, moderator):
    held.mark_spam(by=moderator)
    notice = ada.notices.get()
    assert (notice.kind, notice.mail, notice.mail_due_at) == (Kind.REJECTED, Mail.NONE, None)
    assert "taken for spam" in notice.words


def test_author_is_told_that_reports_hid_a_comment_and_that_it_is_back(said, ada, moderator):
    said.hold_back("reported by 3 readers", [])
    hidden = ada.notices.get()
    assert (hidden.kind, hidden.mail) == (Kind.REJECTED, Mail.WAITING)
    assert "hidden until a moderator has looked" in hidden.words
    said.approve(by=moderator)
    assert told(ada) == [Kind.REJECTED, Kind.APPROVED]
    # It is not hidden any more, so no mail says so.
    assert mails(ada) == [Mail.CANCELLED, Mail.WAITING]
    assert ada.notices.get(kind=Kind.APPROVED).words.endswith("is shown again")


def test_a_report_that_is_dismissed_is_no_news_to_the_author(said, ada, bruno, moderator):
    report(said, bruno)
    said.approve(by=moderator)
    assert not ada.notices.exists()


def test_who_removes_their_own_comment_is_told_nothing(said, ada, bruno):
    report(said, bruno)
    said.remove(by=ada)
    assert not Notice.objects.exists()


def test_author_is_told_what_became_of_an_edit(said, ada, moderator):
    for body, decide in (("One.", "take"), ("Two.", "refuse")):
        Comment.objects.filter(pk=said.pk).update(created_at=timezone.now() - Comment.EDIT_WINDOW)
        said.refresh_from_db()
        edit = said.edit(body)
        if decide == "take":
            edit.approve(by=moderator)
        else:
            edit.reject(by=moderator, reason="advert", message="No shop.")
    taken, refused = ada.notices.order_by("pk")
    assert (taken.kind, refused.kind) == (Kind.APPROVED, Kind.REJECTED)
    assert taken.words.startswith("Your edit")
    assert taken.words.endswith("is published")
    assert refused.words.startswith("Your edit")
    assert refused.words.endswith("was not published")
    assert (refused.reason, refused.message) == ("Advertising", "No shop.")
    # What is said of an edit is not taken back with the comment.
    said.reject(by=moderator, reason="attack")
    assert mails(ada) == [Mail.CANCELLED, Mail.WAITING, Mail.WAITING]


def test_author_is_told_of_a_pick_once(said, ada, editor):
    said.pick(by=editor, reason="Knows the weir.")
    said.unpick(by=editor)
    said.pick(by=editor, reason="Knows the weir well.")
    assert told(ada) == [Kind.PICKED]


def test_guests_and_people_who_left_are_told_nothing(held, said, ada, moderator):
    ada.is_active = False
    ada.save()
    held.approve(by=moderator)
    Comment.objects.filter(pk=said.pk).update(author=None, guest_name="Old friend")
    said.refresh_from_db()
    said.reject(by=moderator, reason="attack")
    assert not Notice.objects.exists()


# Who is answered


def test_who_is_answered_is_told_once_the_answer_is_visible(said, ada, bruno, make_comment):
    answer = make_comment(author=bruno, parent=said, status=Comment.Status.PENDING)
    assert not ada.notices.exists()
    answer.approve(by=bruno.__class__.objects.create_user("mod", "m@example.org"))
    notice = ada.notices.get()
    assert (notice.kind, notice.comment, notice.article) == (Kind.REPLY, answer, said.article)
    assert notice.words == f"bruno answered you under “{said.article.headline}”"


def test_an_answer_of_the_newsroom_says_so(said, ada, editor, make_comment):
    make_comment(author=editor, parent=said)
    notice = ada.notices.get()
    assert notice.kind == Kind.STAFF_REPLY
    assert "of the newsroom" in notice.words


def test_the_author_above_is_not_told_of_an_answer_to_another(said, ada, bruno, make_comment):
    below = make_comment(author=bruno, parent=said)
    ada.notices.all().delete()
    make_comment(parent=below)
    assert not ada.notices.exists()
    assert told(bruno) == [Kind.REPLY]


def test_nobody_is_told_of_an_answer_to_themselves(said, ada, make_comment):
    make_comment(author=ada, parent=said)
    assert not ada.notices.exists()


def test_who_mutes_somebody_is_not_told_of_their_answer(said, ada, bruno, make_comment):
    Mute.objects.create(reader=ada, muted=bruno)
    make_comment(author=bruno, parent=said)
    make_comment(parent=said)
    assert [notice.comment.author == bruno for notice in ada.notices.all()] == [False]


def test_an_imported_decision_tells_nobody(said, ada, moderator, make_comment):
    answer = make_comment(parent=said, status=Comment.Status.PENDING)
    answer.approve(by=moderator, at=timezone.now() - datetime.timedelta(days=900))
    assert not Notice.objects.exists()


# Reporters


@pytest.mark.parametrize(
    ("decide", "words"),
    [
        (lambda comment, by: comment.approve(by=by), "stays"),
        (lambda comment, by: comment.reject(by=by, reason="attack"), "was taken down"),
        (lambda comment, by: comment.mark_spam(by=by), "was taken down"),
    ],
    ids=["approved", "rejected", "spam"],
)
def test_reporters_are_told_what_became_of_it(
    said, ada, bruno, make_user, moderator, decide, words
):
    report(said, bruno, make_user("carla"), moderator)
    decide(said, moderator)
    assert told(bruno) == [Kind.REPORT]
    assert bruno.notices.get().words.endswith(words)
    assert Notice.objects.filter(kind=Kind.REPORT).count() == 2, "and not who decided"
    assert Kind.REPORT not in told(ada)


def test_who_reported_is_not_told_of_later_decisions(said, bruno, moderator):
    report(said, bruno)
    said.reject(by=moderator, reason="attack")
    said.approve(by=moderator)
    assert told(bruno) == [Kind.REPORT]


def test_reporters_are_not_told_that_a_rule_hid_it(said, bruno):
    report(said, bruno)
    said.hold_back("reported by 1 reader", [])
    assert not bruno.notices.exists()


def test_the_words_of_what_was_taken_down_are_not_in_the_notice(said, bruno, moderator):
    report(said, bruno)
    said.reject(by=moderator, reason="attack", message="For Ada alone.")
    notice = bruno.notices.get()
    assert (notice.excerpt, notice.message, notice.reason) == ("", "", "")
    assert notice.place == said.article.get_absolute_url()


# Followers


@pytest.fixture
def follow(make_user):
    def start(comment=None, article=None, reader=None):
        reader = reader or make_user()
        article = article or comment.article
        return Follow.objects.create(reader=reader, article=article, thread=comment).reader

    return start


def test_followers_of_story_and_thread_are_told_each_in_their_words(said, follow, make_comment):
    of_story, of_thread = follow(article=said.article), follow(said)
    of_both = follow(article=said.article, reader=follow(said))
    elsewhere = follow(make_comment(article=said.article))
    answer = make_comment(parent=said)
    assert not of_story.notices.exists(), "nobody waits for that many"
    assert answer.announce_due
    notices.announce(answer)
    assert [told(p, comment=answer) for p in (of_story, of_thread, of_both, elsewhere)] == [
        [Kind.STORY], [Kind.THREAD], [Kind.THREAD], []
    ]  # fmt: skip
    answer.refresh_from_db()
    assert not answer.announce_due


def test_a_comment_is_told_once_of_several_reasons(said, ada, follow, make_comment):
    follow(article=said.article, reader=follow(said, reader=ada))
    answer = make_comment(parent=said)
    for _ in range(2):
        notices.announce(answer)
    assert told(ada, comment=answer) == [Kind.REPLY]


def test_author_muting_and_inactive_followers_are_not_told(said, ada, bruno, follow, make_comment):
    answer = make_comment(parent=said, author=bruno)
    for person in (ada, bruno):
        follow(article=said.article, reader=person)
    Mute.objects.create(reader=follow(article=said.article), muted=bruno)
    gone = follow(article=said.article)
    gone.is_active = False
    gone.save()
    notices.announce(answer)
    assert [n.person for n in Notice.objects.filter(comment=answer)] == [ada]


def test_many_followers_are_told_chunk_by_chunk(said, follow, monkeypatch, make_comment):
    monkeypatch.setattr(notices, "CHUNK", 2)
    people = [follow(article=said.article) for _ in range(5)]
    comment = make_comment()
    assert notices.announce(comment) == 5
    assert all(told(person) == [Kind.STORY] for person in people)


def test_what_was_hidden_meanwhile_is_announced_when_it_is_back(said, follow, moderator):
    person = follow(article=said.article)
    said.reject(by=moderator, reason="attack")
    assert notices.announce_due() == 0
    assert not person.notices.exists()
    said.approve(by=moderator)
    notices.announce_due()
    assert told(person) == [Kind.STORY]
    assert notices.announce_due() == 0


def test_followers_of_a_withdrawn_story_hear_nothing(said, follow):
    follow(article=said.article)
    Article.objects.filter(pk=said.article_id).update(status=Article.Status.WITHDRAWN)
    assert notices.announce_due() == 0


def test_corrections_are_told_to_those_who_follow_the_story_and_once(
    said, follow, editor, django_assert_num_queries
):
    person, of_thread = follow(article=said.article), follow(said)
    follow(article=said.article, reader=editor)
    fix = Correction.objects.create(article=said.article, text="It was 20,000.", by=editor)
    later = follow(article=said.article)
    assert notices.announce_corrections() == 1
    with django_assert_num_queries(1):
        assert notices.announce_corrections() == 0
    assert [told(p) for p in (person, of_thread, editor, later)] == [[Kind.CORRECTED], [], [], []]
    notice = person.notices.get()
    assert "carries a correction" in notice.words
    assert notice.excerpt == "It was 20,000."
    assert notice.place.endswith(f"#correction-{fix.pk}")


def test_old_corrections_are_no_news(article, follow, time_machine):
    person = follow(article=article)
    Correction.objects.create(article=article, text="It was 20,000.")
    time_machine.move_to(timezone.now() + datetime.timedelta(days=8))
    assert notices.announce_corrections() == 0
    assert not person.notices.exists()


# Taking back


def test_waiting_mails_about_what_is_hidden_are_cancelled(
    said, ada, bruno, follow, make_comment, moderator
):
    person = follow(article=said.article)
    MailChoice.choose(person, {Kind.STORY: Pace.NOW})
    answer = make_comment(author=bruno, parent=said)
    notices.announce(answer)
    assert mails(ada) == mails(person) == [Mail.WAITING]
    answer.reject(by=moderator, reason="attack")
    assert mails(ada) == mails(person) == [Mail.CANCELLED]
    for someone in (ada, person):
        assert not someone.notices.standing().exists()
        assert notices.unread_count(someone) == ""


def test_what_is_shown_again_is_told_after_all_and_once(said, ada, make_comment, moderator):
    answer = make_comment(parent=said)
    answer.reject(by=moderator, reason="attack")
    answer.approve(by=moderator)
    assert told(ada) == [Kind.REPLY]
    assert mails(ada) == [Mail.WAITING]
    assert notices.unread_count(ada) == "1"


def test_a_mail_that_went_out_is_not_sent_again(said, ada, make_comment, moderator):
    answer = make_comment(parent=said)
    ada.notices.update(mail=Mail.SENT)
    answer.reject(by=moderator, reason="attack")
    answer.approve(by=moderator)
    assert mails(ada) == [Mail.SENT]


def test_mails_about_other_comments_wait_on(said, ada, make_comment, moderator):
    first, second = make_comment(parent=said), make_comment(parent=said)
    first.reject(by=moderator, reason="attack")
    assert mails(ada, comment=second) == [Mail.WAITING]


def test_taking_one_s_answer_back_cancels_its_mail(said, ada, bruno, make_comment):
    make_comment(author=bruno, parent=said).remove(by=bruno)
    assert mails(ada) == [Mail.CANCELLED]


@pytest.mark.parametrize(
    "hide",
    [
        lambda n: Mute.objects.create(reader=n.person, muted=n.comment.author),
        lambda n: Article.objects.update(status=Article.Status.WITHDRAWN),
        lambda n: Article.objects.update(comment_policy=Article.CommentPolicy.HIDDEN),
    ],
    ids=["muted", "withdrawn", "conversation hidden"],
)
def test_what_nobody_can_open_or_wants_to_read_does_not_stand(said, ada, make_comment, hide):
    make_comment(parent=said)
    assert ada.notices.standing().count() == 1
    hide(ada.notices.select_related("comment").get())
    assert not ada.notices.standing().exists()


def test_a_pick_that_was_taken_back_does_not_stand(said, ada, editor):
    said.pick(by=editor, reason="Knows the weir.")
    assert ada.notices.standing().exists()
    said.unpick(by=editor)
    assert not ada.notices.standing().exists()


# The pace of the mail


def test_what_nobody_chose_has_its_default(ada):
    assert notices.pace_of(ada, Kind.REPLY) == Pace.NOW
    assert notices.pace_of(ada, Kind.THREAD) == Pace.HOURLY
    assert notices.pace_of(ada, Kind.REPORT) == Pace.OFF


def test_a_statement_of_reasons_goes_out_whatever_was_chosen(held, ada, moderator):
    MailChoice.objects.create(person=ada, kind=Kind.REJECTED, pace=Pace.OFF)
    MailChoice.choose(ada, dict.fromkeys(Kind, Pace.OFF))
    assert notices.pace_of(ada, Kind.REJECTED) == Pace.NOW
    held.reject(by=moderator, reason="attack")
    assert mails(ada) == [Mail.WAITING]
    held.approve(by=moderator)
    assert mails(ada) == [Mail.CANCELLED, Mail.NONE]


@pytest.mark.parametrize(
    ("pace", "zone", "now", "due"),
    [
        (Pace.NOW, "", "2026-11-22T10:20:30", "2026-11-22T10:20:30"),
        (Pace.HOURLY, "", "2026-11-22T10:20:30", "2026-11-22T11:00:00"),
        (Pace.HOURLY, "", "2026-11-22T23:59:59", "2026-11-23T00:00:00"),
        (Pace.DAILY, "Europe/Berlin", "2026-11-22T05:59:59", "2026-11-22T06:00:00"),
        (Pace.DAILY, "Europe/Berlin", "2026-11-22T06:00:00", "2026-11-23T06:00:00"),
        (Pace.DAILY, "Asia/Tokyo", "2026-11-22T21:00:00", "2026-11-22T22:00:00"),
        (Pace.DAILY, "America/New_York", "2026-11-22T10:00:00", "2026-11-22T12:00:00"),
        # The night in which the clocks go back has 25 hours.
        (Pace.DAILY, "Europe/Berlin", "2026-10-24T05:30:00", "2026-10-25T06:00:00"),
        (Pace.DAILY, "", "2026-11-22T06:00:00", "2026-11-22T07:00:00"),
        (Pace.DAILY, "Atlantis/Poseidonis", "2026-11-22T06:00:00", "2026-11-22T07:00:00"),
        (Pace.DAILY, "../../etc/passwd", "2026-11-22T06:00:00", "2026-11-22T07:00:00"),
        (Pace.OFF, "", "2026-11-22T06:00:00", None),
    ],
)
def test_mail_is_due_by_pace_and_time_zone(pace, zone, now, due, settings):
    settings.TIME_ZONE = "UTC"

    def moment(text):
        return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    assert notices.due_at(pace, zone, moment(now)) == moment(due)


def test_each_follower_is_mailed_at_their_pace_and_hour(said, make_comment, follow, time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 22, 10, 20, tzinfo=UTC), tick=False)
    people = {pace: follow(article=said.article) for pace in Pace}
    for pace, person in people.items():
        MailChoice.choose(person, {Kind.STORY: pace, Kind.THREAD: Pace.OFF})
    people[Pace.DAILY].time_zone = "Asia/Tokyo"
    people[Pace.DAILY].save()
    notices.announce(make_comment())
    due = {pace: person.notices.get().mail_due_at for pace, person in people.items()}
    assert due == {
        Pace.NOW: datetime.datetime(2026, 11, 22, 10, 20, tzinfo=UTC),
        Pace.HOURLY: datetime.datetime(2026, 11, 22, 11, tzinfo=UTC),
        Pace.DAILY: datetime.datetime(2026, 11, 22, 22, tzinfo=UTC),
        Pace.OFF: None,
    }
    assert mails(people[Pace.OFF]) == [Mail.NONE]


@pytest.mark.parametrize("fields", [{"verified": False}, {"primary": False}])
def test_an_address_that_is_not_confirmed_gets_no_mail(held, ada, moderator, fields):
    ada.emailaddress_set.update(**fields)
    held.reject(by=moderator, reason="attack")
    assert mails(ada) == [Mail.NONE]
    assert told(ada) == [Kind.REJECTED]


def test_what_is_turned_off_is_not_sent_though_it_waits(said, ada, make_comment, moderator):
    make_comment(parent=said)
    said.reject(by=moderator, reason="attack")
    MailChoice.choose(ada, dict.fromkeys(Kind, Pace.OFF))
    assert mails(ada) == [Mail.NONE, Mail.WAITING]


def test_a_choice_keeps_the_token_of_its_mails(ada):
    MailChoice.choose(ada, {Kind.REPLY: Pace.DAILY})
    token = ada.mail_choices.get().token
    MailChoice.choose(ada, {Kind.REPLY: Pace.OFF})
    choice = ada.mail_choices.get()
    assert (choice.token, choice.pace) == (token, Pace.OFF)


# The worker, and what it costs


@pytest.fixture
def woken(monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "wake", lambda: calls.append(1))
    return calls


def test_the_worker_is_woken_once_and_after_the_commit(
    held, moderator, woken, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        held.approve(by=moderator)
        assert woken == []
    assert woken == [1]


def test_the_worker_sleeps_when_nothing_is_due(
    held, moderator, woken, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        held.mark_spam(by=moderator)
    assert woken == []


def test_a_decision_costs_the_same_for_one_and_for_many(
    said, bruno, make_user, make_comment, follow, moderator, django_assert_num_queries
):
    few, many = make_comment(), make_comment()
    report(few, bruno)
    report(many, *(make_user() for _ in range(20)))
    for _ in range(20):
        follow(article=many.article)
    for comment in (few, many):
        # One of them for how the decision came about, which its record says.
        with django_assert_num_queries(11):
            comment.reject(by=moderator, reason="attack")
    assert Notice.objects.filter(kind=Kind.REPORT).count() == 21


def test_an_announcement_costs_the_same_for_one_and_for_many(
    make_comment, make_article, follow, django_assert_num_queries
):
    for followers in (1, 40):
        article = make_article()
        comment = make_comment(article=article)
        for _ in range(followers):
            follow(article=article)
        with django_assert_num_queries(4):
            assert notices.announce(comment) == followers


def test_a_comment_that_nobody_follows_and_answers_nobody_costs_nothing_more(
    write, django_assert_num_queries
):
    comment = write()
    with django_assert_num_queries(8):
        comment.submit()


# Words


def test_names_and_headlines_are_text_in_html_and_as_they_are_in_words(said, ada, make_user):
    Article.objects.update(headline="<b>{who}</b> & {0}")
    hostile = make_user("evil", display_name="{story} <i>")
    answer = Comment(article=said.article, author=hostile)
    answer.answer_to(said)
    answer.set_body("x")
    answer.submit()
    answer.approve(by=make_user())
    notice = ada.notices.get()
    assert notice.words == "{story} <i> answered you under “<b>{who}</b> & {0}”"
    assert notice.words_html == (
        "<bdi>{story} &lt;i&gt;</bdi> answered you under "
        "“<bdi>&lt;b&gt;{who}&lt;/b&gt; &amp; {0}</bdi>”"
    )


def test_an_excerpt_is_short_and_plain(make_comment, ada, editor):
    words = make_comment(author=ada, body="One *long* word. " * 40)
    word = make_comment(author=ada, body="x" * 9000)
    for comment in (words, word):
        comment.pick(by=editor, reason="Long.")
    excerpts = [notice.excerpt for notice in ada.notices.order_by("pk")]
    assert excerpts[0].startswith("One long word. One")
    assert excerpts[0].endswith(" …")
    assert all(len(excerpt) <= Notice.EXCERPT + 2 for excerpt in excerpts)
