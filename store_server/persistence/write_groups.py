"""Writers of one process that wait for the database are let in together: one commit serves them all.

Whoever comes while nobody writes leads: it runs its own work and that of everybody who came meanwhile, commits once, and only
then lets the others go with their results. A work that fails takes nothing from the others. Then the next one in the queue
leads. There is no thread to start, to stop or to lose in a fork, and a single writer hands nothing over.
"""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from store_server.persistence.failures import DatabaseBusyError

GROUP_MAX = 32
"""Writers in one commit; the next ones are in the next."""

Result = TypeVar("Result")


class Job(Generic[Result]):
    """One writer's work, and what came of it."""

    def __init__(self, work: Callable[[Connection], Result]) -> None:
        self._work = work
        self._context = contextvars.copy_context()
        self._result: Result | None = None
        self.error: BaseException | None = None
        """Why nothing was changed; None for success."""
        self.leads = False
        self.woken = threading.Event()

    def run(self, connection: Connection) -> None:
        """Do the work, in the context of the thread that asked for it; an error is kept for it."""
        self.error = None
        try:
            self._result = self._context.run(self._work, connection)
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that asked
            self.error = error

    def run_alone(self, run: Callable[[Callable[[Connection], Result]], Result]) -> None:
        """Let ``run`` do the work in a transaction of its own, in the context of the thread that asked for it."""
        self.error = None
        try:
            self._result = self._context.run(run, self._work)
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that asked
            self.error = error

    def result(self) -> Result:
        """Return what the work returned, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self._result  # type: ignore[return-value]  # run() has set it: None where Result is None


class Group:
    """The writers that one commit serves: the first, and whoever is taken while it is at work."""

    def __init__(self, first: Job[Any], more: Callable[[], Job[Any] | None]) -> None:
        self.jobs = [first]
        self._more = more

    def take(self) -> Job[Any] | None:
        """Take one more writer in; None when nobody waits or the group is full."""
        job = self._more() if len(self.jobs) < GROUP_MAX else None
        if job is not None:
            self.jobs.append(job)
        return job


class WriteGroups:
    """The queue of a process's writers before one database; use it from any thread."""

    def __init__(self, commit: Callable[[Group], None]) -> None:
        """``commit`` runs a group's jobs and returns once each of them is on disk or has its error."""
        self._commit = commit
        self._lock = threading.Lock()
        self._waiting: deque[Job[Any]] = deque()
        self._busy = False

    def write(self, work: Callable[[Connection], Result], wait_s: float) -> Result:
        """Run ``work`` in a group with others; return when it is committed.

        Raises:
            DatabaseBusyError: its turn did not come within ``wait_s``.
        """
        job = Job(work)
        with self._lock:
            job.leads = not self._busy
            if job.leads:
                self._busy = True
            else:
                self._waiting.append(job)
        if not job.leads:
            self._await(job, wait_s)
        if job.leads:
            self._lead(job)
        return job.result()

    def _await(self, job: Job[Any], wait_s: float) -> None:
        if job.woken.wait(wait_s):
            return
        with self._lock:
            if job in self._waiting:
                self._waiting.remove(job)
                raise DatabaseBusyError("other writers took too long")
        # Its group is being committed, which ends within the waits of the database itself.
        job.woken.wait()

    def _lead(self, job: Job[Any]) -> None:
        group = Group(job, self._next)
        try:
            self._commit(group)
        except BaseException as error:
            for one in group.jobs:
                one.error = error
            raise
        finally:
            self._hand_over()
            for one in group.jobs:
                one.woken.set()

    def _next(self) -> Job[Any] | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def _hand_over(self) -> None:
        with self._lock:
            if not self._waiting:
                self._busy = False
                return
            following = self._waiting.popleft()
            following.leads = True
            following.woken.set()
