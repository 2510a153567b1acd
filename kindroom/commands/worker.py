"""`kindroom worker`: workflows, activities and the dispatcher of the outbox, one process."""


def worker() -> None:
    """Run the Temporal worker and the dispatcher; SIGTERM or Ctrl-C lets them finish what is in hand."""
    import asyncio
    import logging
    import signal

    from kindroom.settings import load_settings
    from kindroom.worker import run_worker

    settings = load_settings()
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # one line for every poll of the mailbox otherwise

    async def work() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await run_worker(settings, stop)

    asyncio.run(work())
