"""The stage that watches. Rule: signals in, alerts out; the same signals make the same alerts, whenever it restarts.

    verdict ─▶ each team's rules (a small team: its bucket's) ─▶ anomalies
            └▶ the organisation's roll-up ─▶ opens: the teams' evidence goes back to where its run began
    minute  ─▶ failed model requests, the same way
    a day ends (five in the morning) ─▶ silence, who is small, what is usual in the organisation

Late verdicts, and corrections, enter day counts and no score. One partition holds it all.
"""

from collections.abc import Iterator, Mapping

import msgspec

from schemas import counters as c
from schemas import wire
from schemas.derived import DEFINITIONS
from schemas.people import UNKNOWN
from schemas.signals import read_signal
from streams.detect.alerts import Alerts, Place
from streams.detect.calendar import HOUR, Calendar
from streams.detect.counted import Counted, Entry
from streams.detect.finding import Finding
from streams.detect.heard import Heard, reached
from streams.detect.observed import observations
from streams.detect.parameters import PROPORTIONS, Calibration
from streams.detect.people import of_user
from streams.detect.requests import capped
from streams.detect.together import Together
from streams.detect.watched import BUCKET, GROWN_SMALL, SMALL, Watched
from streams.metrics.stage import Output, Record

MINUTE = 60_000

LATE = 12 * HOUR
"""A session that ended so long before its verdict says nothing of now, nor does a verdict on a day that is judged."""

LATE_MINUTE = HOUR

GRACE = HOUR
"""After its end a day is judged: what its last sessions say takes so long to come."""

LONGEST = 7
"""Days of a session on which its person is taken to have been there."""

_INDEX = {name: index for index, name in enumerate(PROPORTIONS)}

_encode = msgspec.msgpack.Encoder().encode
_decode_key = msgspec.msgpack.Decoder(wire.DetectorStateKey).decode
_decode_state = msgspec.msgpack.Decoder(wire.DetectorState).decode
_decode_heard = msgspec.msgpack.Decoder(Heard).decode


class Detect:
    """The stage of `signals`."""

    name = "detect"
    source = "signals"
    tables: tuple[str, ...] = ("anomalies", "detector-states")
    sends: tuple[str, ...] = ()

    def __init__(
        self,
        calibration: Calibration = Calibration(),  # noqa: B008 - both are frozen
        calendar: Calendar = Calendar(),  # noqa: B008
        days: Mapping[int, int] | None = None,
    ) -> None:
        """`days`: when each began in the run that is to be repeated (`Heard.days`); else by the clock."""
        self._calibration, self._calendar, self._days = calibration, calendar, days
        self._heard, self._is_heard = Heard(), False
        self._alerts = Alerts(calendar, calibration.calibrated)
        self._counted = Counted()
        self._teams: dict[str, Watched] = {}
        self._buckets: dict[int, Watched] = {}
        self._together = Together(calibration)
        self._changed: dict[Watched, None] = {}

    def restore(self, table: str, key: bytes, value: bytes) -> None:
        """Takes one alert, or what one detector remembers of one team."""
        if table == "anomalies":
            self._alerts.restore(key, value)
            return
        name, packed = _decode_key(key), _decode_state(value).state
        scope, _, place = name.team_id.partition("/")
        if name.detector == "heard":
            self._heard = _decode_heard(packed)
        elif name.detector == "counted":
            self._counted.restore(name.team_id, packed)
        elif scope == "team":
            self._held(place).restore(name.detector, packed)
        elif scope == "bucket":
            self._bucket(int(place)).restore(name.detector, packed)
        else:
            self._together.restore(name.detector, packed)

    def begin(self, now: int) -> None:
        """All is there."""
        self._changed = {}
        self._is_heard = self._heard.tell(self._calibration, self._calendar)
        for team in self._teams.values():
            if team.standing.bucket:  # of a bucket that has heard nothing yet, nothing was kept
                self._bucket(team.standing.bucket)
        for watched in self._all():
            watched.set_priors(self._together.priors, self._together.costs)

    def take(self, key: bytes, message: bytes, now: int) -> None:
        """Folds one signal. Raises InvalidEvent."""
        match read_signal(key, message):
            case (wire.SessionKey() as session, wire.SessionVerdict() as verdict):
                self._pass(now)
                if verdict.is_interactive:
                    self._verdict(session, verdict)
            case (wire.SignalMinuteKey() as minute, wire.TeamSignal() as sums):
                self._pass(now)
                self._minute(minute, sums)
            case (wire.UserSignalKey() as person, wire.UserSignal() as said):
                self._pass(now)
                team = self._team(person.team_id)
                team.minutes.hear(person.minute, of_user(person.user_id), said.api_failures)
                self._touch(team, "minutes")
        self._heard.signals += 1
        self._is_heard = True

    def changed(self, now: int, version: int) -> Output:
        """Days that have ended are judged; then what changed: alerts first."""
        self._pass(now)
        tables = self._alerts.changed(version)

        def remember(name: str, place: str, packed: bytes | None) -> None:
            value = None if packed is None else _encode((version, DEFINITIONS, packed))
            tables.append(Record("detector-states", _encode((name, place)), value))

        changed, self._changed = self._changed, {}
        for watched in changed:
            place = f"{watched.scope}/{watched.team_id.removeprefix('bucket-')}"
            for name, packed in watched.changed():
                remember(name, place, packed)
        for name, packed in self._together.changed():
            remember(name, "", packed)
        for name, entry in self._counted.changed():
            remember("counted", name, entry)
        if self._is_heard:
            remember("heard", "", _encode(self._heard))
            self._is_heard = False
        return Output(tables, [])

    def sizes(self) -> dict[str, int]:
        """How many teams, buckets of small ones, verdicts that may be corrected, and open alerts it remembers."""
        return {
            "teams": len(self._teams),
            "buckets": len(self._buckets),
            "verdicts": len(self._counted),
            "alerts": self._alerts.firing,
        }

    # -- verdicts ------------------------------------------------------------------------------------------------------

    def _verdict(self, session: wire.SessionKey, verdict: wire.SessionVerdict) -> None:
        team = self._team(verdict.team_id)
        before = self._counted.get(session)
        at, day = verdict.judged_at, self._calendar.day(verdict.judged_at)
        if before is not None:
            self._add(before, -1)
        if before is not None or verdict.replaces or at - verdict.ended_at > LATE or day < self._together.day:
            self._come(team, verdict, at, is_live=False)
            of_day = self._calendar.day(verdict.ended_at)
            entry = Entry(day, verdict.team_id, team.standing.bucket, of_day, self._late(verdict, before))
            self._add(entry, 1)
        else:
            self._come(team, verdict, at, is_live=True)
            entry = Entry(day, verdict.team_id, team.standing.bucket, day, self._live(team, verdict, at, day))
        self._counted.put(session, entry)

    def _come(self, team: Watched, verdict: wire.SessionVerdict, at: int, *, is_live: bool) -> None:
        """Its person was there: the team may be another one by that, or large enough to be watched on its own."""
        if verdict.user_id == UNKNOWN:
            return
        calendar, person = self._calendar, of_user(verdict.user_id)
        last = calendar.day(verdict.ended_at)
        first = max(calendar.day(verdict.started_at), last - LONGEST)
        bucket = self._buckets.get(team.standing.bucket)
        for watched in (team, bucket):
            if watched is not None:
                self._changed[watched] = None
                is_new = watched.seen(person, first, last) and is_live
                if is_new and watched.is_another(last, calendar.last_working(last + 1, 5)[-1]):
                    watched.restart(at, last, self._tell)
        if team.standing.bucket and team.people.lately(last) >= SMALL:
            team.standing.bucket = 0

    def _live(self, team: Watched, verdict: wire.SessionVerdict, at: int, day: int) -> list[tuple[int, int, int]]:
        """What has just ended, by all rules; returns what it added to day counts."""
        person, bucket = of_user(verdict.user_id), self._buckets.get(team.standing.bucket)
        watched, parts = bucket or team, []
        for name, x, n in observations(verdict):
            own, rule = team.proportions[name], watched.proportions[name]
            self._say(team, name, own.begin(at, day))
            weight = own.weigh(person, n)
            part = round(1000 * weight), round(1000 * (weight * (x / n)))
            parts.append((_INDEX[name], *part))
            if rule is not own:
                own.count(own.day, *part)
                self._say(watched, name, rule.begin(at, day))
            if self._together.is_known(name):
                if not rule.is_open:
                    hits = {person: weight * x / n} if x else {}
                    self._pool(name, watched, at, day, own.usual, hits, (weight, n, x))
                ratio, epoch = self._together.standing(name)
                self._say(watched, name, rule.step(at, person, x, n, weight, ratio, epoch))
            else:
                rule.count(rule.day, *part)
            watched.touch(name)
            if rule is not own:
                team.touch(name)
        self._changed[team] = self._changed[watched] = None
        if bucket is None:
            verified = verdict.outcome == "verified_success"
            self._say(team, "cost_per_success", team.cost.take(at, day, person, verdict.cost_micros, verified))
            self._touch(team, "cost_per_success")
        return parts

    def _late(self, verdict: wire.SessionVerdict, before: Entry | None) -> list[tuple[int, int, int]]:
        """What a verdict adds to day counts only: worth what it was worth before, or what it is alone."""
        worth = {index: n for index, n, _ in before.parts} if before is not None else {}
        parts = []
        for name, x, n in observations(verdict):
            index, alone = _INDEX[name], n / (1 + (n - 1) * self._calibration.of(name).rho)
            weight = worth.get(index, round(1000 * alone))
            parts.append((index, weight, round(weight * x / n)))
        return parts

    def _pool(
        self, name: str, unit: Watched, at: int, day: int, usual: float, hits: dict[int, float],
        counts: tuple[float, int, int],
    ) -> None:  # fmt: skip
        """The roll-up takes what a team has; when it opens, all teams' evidence goes back."""
        found = self._together.take(name, at, day, unit.number, usual, hits, counts)
        if found is None:
            return
        self._tell(Place(name, "organisation", ""), found)
        if found.status == "firing":
            epoch = self._together.standing(name)[1]
            for watched in self._all():
                rule = watched.requests if name == "api_failures" else watched.proportions[name]
                rule.roll_back(epoch)
                self._touch(watched, name)

    def _add(self, entry: Entry, sign: int) -> None:
        """Adds a verdict to day counts, or takes it back."""
        team, bucket = self._team(entry.team_id), self._buckets.get(entry.bucket)
        for index, n, x in entry.parts:
            for watched in (team, bucket):
                if watched is not None:
                    watched.proportions[PROPORTIONS[index]].count(entry.of_day, sign * n, sign * x)
                    self._touch(watched, PROPORTIONS[index])

    # -- minutes -------------------------------------------------------------------------------------------------------

    def _minute(self, key: wire.SignalMinuteKey, said: wire.TeamSignal) -> None:
        team, minutes = self._team(key.team_id), self._team(key.team_id).minutes
        at, day = (key.minute + 1) * MINUTE, self._calendar.day(key.minute * MINUTE)
        failures = capped(minutes.of(key.minute))
        responses, x = c.total(said.sums, c.RESPONSES), sum(failures.values())
        more = minutes.count(key.minute, responses + x, x)
        minutes.forget()
        self._touch(team, "minutes")
        rule = team.requests
        is_late = said.closed_at - at > LATE_MINUTE
        if more is not None or said.replaces or is_late:
            if more is None and not said.replaces:
                more = (responses + x, x)
            if more is not None:
                rule.count(day, 1000 * more[0], 1000 * more[1])
        elif responses or x:
            self._say(team, "api_failures", rule.begin(at, day))
            is_known = self._together.is_known("api_failures")
            if is_known and not rule.is_open:
                hits = {person: float(failed) for person, failed in failures.items()}
                counts = (responses + x, responses + x, x)
                self._pool("api_failures", team, at, day, rule.usual, hits, counts)
            if team.standing.bucket or not is_known:
                rule.count(rule.day, 1000 * (responses + x), 1000 * x)
            else:
                ratio, epoch = self._together.standing("api_failures")
                self._say(team, "api_failures", rule.take(at, day, failures, responses, ratio, epoch))
        self._touch(team, "api_failures")

    # -- days ----------------------------------------------------------------------------------------------------------

    def _pass(self, now: int) -> None:
        """Judges the days that have ended."""
        first = today = self._calendar.day(now - GRACE)
        if self._days is not None:
            first, today = reached(self._days, self._heard.signals)
        if self._together.day < 0 <= first:
            self._reach(first)
        while self._together.day < today:
            self._end_day(self._together.day)
            self._reach(self._together.day + 1)

    def _reach(self, day: int) -> None:
        self._together.set_day(day)
        self._heard.pass_to(day)
        self._is_heard = True

    def _end_day(self, day: int) -> None:
        at, calendar = self._calendar.start(day + 1), self._calendar
        teams = [self._teams[team_id] for team_id in sorted(self._teams)]
        if calendar.is_working(day):
            self._together.judge_silence(at, day, teams, calendar, self._tell)
        week_ago = calendar.last_working(day + 1, 5)[-1]
        for watched in self._all():
            watched.people.forget(day)
            if watched.is_another(day, week_ago) or not (watched.people.each or watched.is_quiet):
                watched.restart(at, day, self._tell)
            for name, found in watched.open_findings(at):
                self._alerts.refresh(watched.place(name), found)
            watched.touch("standing")
            watched.touch("silence")
            self._changed[watched] = None
        for team in teams:
            if not team.standing.bucket and team.people.lately(day) <= GROWN_SMALL and team.is_quiet:
                team.standing.bucket = self._room()
        for place, found, name, since in self._together.end_day(at, day, teams):
            self._tell(place, found)
            if found.why == "adopted":
                for watched in self._all():
                    rule = watched.requests if name == "api_failures" else watched.proportions[name]
                    rule.adopt(at, since)
                    self._touch(watched, name)
        for watched in self._all():
            watched.set_priors(self._together.priors, self._together.costs)
        self._counted.forget(day)
        self._alerts.forget(day)

    # -- who is watched ------------------------------------------------------------------------------------------------

    def _team(self, team_id: str) -> Watched:
        team = self._teams.get(team_id)
        if team is None:
            room, team = self._room(), self._held(team_id)
            team.standing.bucket = room
            self._touch(team, "standing")
        return team

    def _held(self, team_id: str) -> Watched:
        team = self._teams.get(team_id)
        if team is None:
            team = self._teams[team_id] = Watched("team", team_id, self._calibration)
            team.set_priors(self._together.priors, self._together.costs)
        return team

    def _bucket(self, number: int) -> Watched:
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = Watched("bucket", f"bucket-{number}", self._calibration)
            bucket.set_priors(self._together.priors, self._together.costs)
        return bucket

    def _room(self) -> int:
        """The first bucket with room for another small team."""
        held: dict[int, int] = {}
        for team in self._teams.values():
            held[team.standing.bucket] = held.get(team.standing.bucket, 0) + 1
        number = 1
        while held.get(number, 0) >= BUCKET:
            number += 1
        self._bucket(number)
        return number

    def _all(self) -> Iterator[Watched]:
        for team_id in sorted(self._teams):
            yield self._teams[team_id]
        for number in sorted(self._buckets):
            yield self._buckets[number]

    def _touch(self, watched: Watched, name: str) -> None:
        watched.touch(name)
        self._changed[watched] = None

    def _say(self, watched: Watched, name: str, found: Finding | None) -> None:
        if found is None:
            return
        if found.status == "firing":
            self._together.release(name, watched.number)
        self._tell(watched.place(name), found)

    def _tell(self, place: Place, found: Finding) -> None:
        weekly = 0.0
        if place.scope == "bucket":
            number = int(place.team_id.removeprefix("bucket-"))
            members = [team for team in self._teams.values() if team.standing.bucket == number]
            told = self._calibration.of("abandonment")
            each = [team.proportions["abandonment"].days.volume(self._together.day, told) for team in members]
            weekly = sum(each) / max(1, len(each))
        self._alerts.tell(place, found, weekly)
