import { useState } from "preact/hooks";
import { type Remembered, remember, remembered } from "./host";

/** A part of what a person has opened or typed, kept by VS Code. */
export function useRemembered<K extends keyof Remembered>(name: K): [Remembered[K], (value: Remembered[K]) => void] {
  const [value, setValue] = useState(() => remembered()[name]);
  return [
    value,
    (next) => {
      remember({ [name]: next });
      setValue(() => next);
    },
  ];
}
