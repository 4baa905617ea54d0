"""The caller of a Realtime API in the conformance checks: frames of 20 ms in real time, and events that are awaited by type."""

import array
import asyncio
import base64

FRAME_SEC = 0.02
SAMPLES = 480
# Longer than any wait for an event of the simulator.
TIMEOUT_SEC = 15


def frame(level):
    """A frame of a square wave at 24 kHz, whose RMS is the level, as base64."""
    samples = array.array("h", (level if at % 2 == 0 else -level for at in range(SAMPLES)))
    return base64.b64encode(samples.tobytes()).decode()


SPEECH = frame(3000)
QUIET = frame(10)


class Caller:
    """One call. A peer gives `append`, which sends a frame, and reports events with `heard`, as dictionaries."""

    def __init__(self, append):
        self.append = append
        self.loud_frames = 0
        self.events = []
        self.next_index = 0
        self.changed = asyncio.Event()

    async def talk(self):
        """Sends a frame every 20 ms, until it is cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self.append(SPEECH if self.loud_frames > 0 else QUIET)
            self.loud_frames = max(0, self.loud_frames - 1)
            due += FRAME_SEC
            await asyncio.sleep(max(0, due - loop.time()))

    def say(self, seconds):
        """Speaks for this long, beginning with the next frame."""
        self.loud_frames = round(seconds / FRAME_SEC)

    def heard(self, event):
        self.events.append(event)
        self.changed.set()

    async def until(self, kind, accepts=lambda event: True):
        """Returns the next event of this type, after those that were awaited before. Raises after 15 s."""
        async with asyncio.timeout(TIMEOUT_SEC):
            while True:
                while self.next_index < len(self.events):
                    event = self.events[self.next_index]
                    self.next_index += 1
                    if event["type"] == kind and accepts(event):
                        return event
                self.changed.clear()
                await self.changed.wait()


def has_status(status):
    """Accepts a `response.done` with this status."""
    return lambda event: event["response"]["status"] == status


def result(caller, problems):
    """What a peer prints: the number of events, their types, and what is wrong."""
    kinds = sorted({event["type"] for event in caller.events})
    return {"events": len(caller.events), "kinds": kinds, "problems": problems[:10]}
