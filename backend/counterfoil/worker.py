"""The worker's composition root: jobs and the schedule, on the real adapters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, cast

import uvloop
from arq import func
from arq.connections import create_pool
from arq.cron import CronJob, cron
from arq.worker import Worker

from counterfoil import jobs
from counterfoil.aggregators.registry import open_aggregators
from counterfoil.api.ids import encode
from counterfoil.api.outages import is_outage
from counterfoil.jobs import Workshop
from counterfoil.kit.clock import SystemClock
from counterfoil.kit.crypto import Keyring
from counterfoil.links.importing import Importer
from counterfoil.links.linking import Linking
from counterfoil.links.sweeping import POLL, Sweeper
from counterfoil.plumbing import console
from counterfoil.plumbing.arq_queue import QUEUE, ArqQueue, deserialize, redis_settings, serialize
from counterfoil.plumbing.database import connected
from counterfoil.plumbing.redis_bus import RedisBus
from counterfoil.settings import Settings
from counterfoil.unit_of_work import Transactions

JOB_TIMEOUT_SECONDS = 6 * 60 * 60
"""Above any pull: a pull ends itself when nothing comes, its length is no fault."""
MAX_JOBS = 100


def run(settings: Settings) -> None:
    """Work until the process is told to stop."""
    console.configure(settings.log_level, talkative="arq", is_outage=is_outage)
    uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    async with workshop(settings) as shop:
        pool = await create_pool(
            redis_settings(settings.redis_url.reveal()),
            job_serializer=serialize,
            job_deserializer=deserialize,
        )
        worker = Worker(
            functions=[func(cast(Any, job), keep_result=0, max_tries=1) for job in jobs.JOBS],
            cron_jobs=_schedule(settings),
            redis_pool=pool,
            queue_name=QUEUE,
            ctx={"workshop": shop},
            max_jobs=MAX_JOBS,
            poll_delay=0.05,
            job_timeout=JOB_TIMEOUT_SECONDS,
            job_serializer=serialize,
            job_deserializer=deserialize,
            handle_signals=True,
            log_results=False,
        )
        print("worker: ready", flush=True)  # noqa: T201
        try:
            await worker.async_run()
        except asyncio.CancelledError:
            pass
        finally:
            await worker.close()


def _schedule(settings: Settings) -> Sequence[CronJob]:
    return [
        _regularly(jobs.tick, settings.tick),
        _regularly(jobs.follow_sessions, POLL),
        cron(cast(Any, jobs.forget_old), minute=17, keep_result=300),
    ]


def _regularly(job: object, every: timedelta) -> CronJob:
    """A cron job on whole seconds of the minute; several workers run it once between them."""
    seconds = set(range(0, 60, max(1, int(every.total_seconds()))))
    return cron(cast(Any, job), second=seconds, keep_result=30, timeout=300)


@asynccontextmanager
async def workshop(settings: Settings) -> AsyncIterator[Workshop]:
    """Everything that jobs need, closed again at the end."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(connected(settings.database_url.reveal()))
        bus = RedisBus.at(settings.redis_url.reveal())
        stack.push_async_callback(bus.close)
        queue = ArqQueue.at(settings.redis_url.reveal())
        stack.push_async_callback(queue.close)
        adapters = await stack.enter_async_context(open_aggregators(settings, clock))
        transactions = Transactions(clock, bus, queue)
        keyring = Keyring.load(settings.encryption_key_file)
        yield Workshop(
            importer=Importer(
                transactions, adapters, keyring, clock, interval=settings.refresh_interval
            ),
            linking=Linking(
                transactions,
                adapters,
                keyring,
                clock,
                public_url=settings.public_url,
                webhook_url=settings.webhook_url,
                public_id=partial(encode, "LinkSession"),
                app_return_urls=settings.app_return_urls,
            ),
            sweeper=Sweeper(
                transactions,
                adapters,
                keyring,
                clock,
                tick=settings.tick,
                interval=settings.refresh_interval,
            ),
        )
