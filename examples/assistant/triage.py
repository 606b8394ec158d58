"""Sorts what comes in, so that people see only what needs people."""

from functools import partial

from openai import OpenAI

from assistant.prompts import QUEUES, TRIAGE

client = OpenAI()

ask = partial(client.chat.completions.create, model="gpt-4o-mini", temperature=0)


def queue_of(message: str) -> str:
    system = TRIAGE.format(queues=", ".join(QUEUES))
    answer = ask(
        messages=[{"role": "system", "content": system}, {"role": "user", "content": message}],
        max_completion_tokens=5,
    )
    return answer.choices[0].message.content


def embed(texts: list[str]) -> list[list[float]]:
    found = client.embeddings.create(model="text-embedding-3-small", input=texts)
    return [one.embedding for one in found.data]


def is_angry(message: str) -> bool:
    answer = client.responses.create(
        model="o1-mini",
        instructions="Say yes where the customer is angry, else no.",
        input=message,
        max_output_tokens=1_000,
    )
    return answer.output_text.strip().lower() == "yes"


def night_report(tickets: list[str]) -> str:
    options = {"model": "gpt-4o", "service_tier": "flex", "max_tokens": 800}
    messages = [{"role": "system", "content": "Write the night's report for the morning shift."}]
    for ticket in tickets:
        messages.append({"role": "user", "content": ticket})
    report = client.chat.completions.create(messages=messages, **options)
    return report.choices[0].message.content
