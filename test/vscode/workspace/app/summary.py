from pathlib import Path

from openai import OpenAI

from app.prompts import SYSTEM

client = OpenAI()


def exact():
    return client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": "Hello there"}],
        max_tokens=500,
    )


def with_hole(document):
    return client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": f"Summarise: {document}"}],
    )


def unknown_price():
    return client.chat.completions.create(model="nobody-knows", messages=[{"role": "user", "content": "Hi"}])


def from_file():
    return client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": Path("app/tone.md").read_text()}],
        max_tokens=10,
    )
