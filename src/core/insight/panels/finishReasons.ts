import { figureMember, measureMember } from "../groups";
import { chartPanel } from "./panel";

export const finishReasons = chartPanel(
  { id: "finish-reasons", tab: "efficiency", title: "Finish reasons", form: "pie", unit: "calls" },
  ({ whole }) => {
    const reasons = whole.detail?.finishReasons ?? [];
    return {
      axis: {
        kind: "members",
        members: reasons.map(({ reason }) =>
          reason === null ? figureMember("none", "(none reported)") : figureMember(`=${reason}`, reason),
        ),
      },
      series: [{ ...measureMember("calls"), values: reasons.map(({ calls }) => calls) }],
    };
  },
);
