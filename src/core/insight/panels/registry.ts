import { latency, outputPerInput, reasoningShare } from "./byFeature";
import { cacheSavings } from "./cacheSavings";
import { costByDimension } from "./costByDimension";
import { costByFeature } from "./costByFeature";
import { costByModel } from "./costByModel";
import { costOverTime } from "./costOverTime";
import { costliestCalls } from "./costliestCalls";
import { errors } from "./errors";
import { finishReasons } from "./finishReasons";
import { inputVersusOutput } from "./inputVersusOutput";
import type { PanelMaker } from "./panel";
import { costPerCall, tokensPerCall } from "./perCall";
import { tokensByModel } from "./tokensByModel";
import { tokensOverTime } from "./tokensOverTime";

/** The dashboard's panels, each tab's in their order. */
export const panels: readonly PanelMaker[] = [
  costOverTime,
  costByModel,
  inputVersusOutput,
  tokensByModel,
  tokensOverTime,
  costByFeature,
  ...costByDimension,
  tokensPerCall,
  costPerCall,
  outputPerInput,
  cacheSavings,
  reasoningShare,
  latency,
  finishReasons,
  errors,
  costliestCalls,
];
