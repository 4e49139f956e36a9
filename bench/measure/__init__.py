"""What is measured: one file a scenario, all of them in one list."""

from bench.measure.memory import MEMORY
from bench.measure.model import Case, Measure, Sample, Scenario, Visit
from bench.measure.pairs import PAIRS
from bench.measure.requests import REQUESTS
from bench.measure.roundtrip import ROUNDTRIP
from bench.measure.startup import STARTUP
from bench.measure.throughput import THROUGHPUT

__all__ = ("SCENARIOS", "Case", "Measure", "Sample", "Scenario", "Visit")

SCENARIOS = (THROUGHPUT, ROUNDTRIP, REQUESTS, PAIRS, MEMORY, STARTUP)
