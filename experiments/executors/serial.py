"""The executor without workers: each task is executed in this process."""

from concurrent.futures import Executor, Future

from experiments.process import interrupts


class Serial(Executor):
    """Executes each call in this process, at the moment when it is submitted."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            with interrupts.interruptible():
                result = fn(*args, **kwargs)
            future.set_result(result)
        except Exception as error:
            future.set_exception(error)
        return future
