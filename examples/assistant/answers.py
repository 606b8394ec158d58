"""Answers customers. Every call here spends money: look at the line above it."""

import os
from pathlib import Path

from openai import AsyncOpenAI, OpenAI

from assistant.prompts import SUMMARY, SYSTEM

MODEL = "gpt-4o"
POLICY = Path("assistant/prompts/refund_policy.md").read_text()

ORDER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_order",
        "description": "Look up an order by its number",
        "parameters": {
            "type": "object",
            "properties": {"number": {"type": "string", "description": "Such as LC-10432"}},
            "required": ["number"],
        },
    },
}

client = OpenAI()


class Assistant:
    model = "gpt-4o-mini"

    def __init__(self, language: str = "English"):
        self.client = AsyncOpenAI()
        self.language = language

    async def reply(self, question: str) -> str:
        messages = [{"role": "system", "content": SYSTEM}]
        messages.append({"role": "user", "content": question})
        response = await self.client.chat.completions.create(
            model=self.model,
            messages=messages,
            tools=[ORDER_TOOL],
            max_tokens=300,
        )
        return response.choices[0].message.content or ""

    async def refund(self, question: str) -> str:
        response = await self.client.chat.completions.create(
            model=MODEL,
            messages=[
                {"role": "system", "content": SYSTEM + "\n\n" + POLICY},
                {"role": "user", "content": f"Answer in {self.language}: {question}"},
            ],
            max_tokens=500,
        )
        return response.choices[0].message.content or ""


def summarise(conversation: str) -> str:
    response = client.chat.completions.create(
        model=os.getenv("SUMMARY_MODEL", "gpt-4o"),
        messages=[
            {"role": "system", "content": SUMMARY},
            {"role": "user", "content": conversation},
        ],
        max_tokens=200,
        n=2,
    )
    return response.choices[0].message.content or ""


def greet() -> str:
    response = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": "Greet a customer who has just opened the chat."},
        ],
        max_tokens=60,
    )
    return response.choices[0].message.content or ""
