import { counted } from "../figures";
import { daysOverdue } from "../pricing/table";
import type { Finding } from "./finding";

const KEY = '"lastReviewed"';

export const pricesToReview: Finding<"pricingTable"> = {
  id: "pricesToReview",
  about: "pricingTable",
  severity: "warning",
  description: "The pricing table's last review is longer ago than its `reviewEveryDays`.",
  find({ text, result: { table }, today }) {
    const overdue = table === null ? 0 : daysOverdue(table, today);
    if (overdue === 0) return [];
    const last = table?.lastReviewed ?? "";
    const start = Math.max(0, text.indexOf(KEY));
    const date = text.indexOf(`"${last}"`, start);
    return [
      {
        message: `These prices were last reviewed on ${last}; the next review is ${counted(overdue, "day")} overdue. Compare them with their source, then set lastReviewed.`,
        start,
        end: start + KEY.length,
        fixes: [
          {
            kind: "edit",
            title: "Set lastReviewed to today",
            edits: date < 0 ? [] : [{ start: date + 1, was: last, text: today.toISOString().slice(0, 10) }],
          },
        ],
      },
    ];
  },
};
