import type { Value } from "./value";

/**
 * Arguments of OpenAI's API and of its packages of which it is known what they add to a prompt. Others are those of
 * libraries that stand in front of it (instructor's `response_model` becomes a tool), or too new to have been measured.
 */
const OWN = new Set(
  [
    "model engine deployment_id messages input instructions prompt suffix tools functions tool_choice function_call",
    "parallel_tool_calls max_tool_calls response_format text text_format verbosity n best_of echo seed stop dimensions",
    "encoding_format max_tokens max_completion_tokens max_output_tokens temperature top_p top_logprobs logprobs logit_bias",
    "frequency_penalty presence_penalty stream stream_options service_tier reasoning reasoning_effort store metadata user",
    "safety_identifier prompt_cache_key prompt_cache_retention include background truncation conversation",
    "previous_response_id context_management audio modalities prediction web_search_options",
    // Of the packages: how the request is sent.
    "extra_headers extra_query timeout idempotency_key max_retries",
    "api_key api_base api_type api_version organization request_timeout headers",
    // Of libraries that trace calls, and send what they get.
    "name trace_id session_id user_id tags parent_observation_id langfuse_prompt langfuse_public_key",
  ].flatMap((line) => line.split(" ")),
);

/** The arguments of which it isn't known what they add to the prompt, those with a part of their own by its name. */
export function otherArguments(entries: ReadonlyMap<string, Value>): string[] {
  const reasoning = entries.get("reasoning");
  const mode = reasoning?.kind === "record" && reasoning.entries.has("mode") ? ["reasoning.mode"] : [];
  return [...[...entries].filter(([name, value]) => !OWN.has(name) && !isNull(value)).map(([name]) => name), ...mode];
}

const isNull = (value: Value): boolean => value.kind === "plain" && value.value === null;
