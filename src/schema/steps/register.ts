import { AccessStep } from '../../step/builtin/AccessStep.ts';
import { ConstantStep } from '../../step/builtin/ConstantStep.ts';
import { EntryStep } from '../../step/builtin/EntryStep.ts';
import { FailedStep } from '../../step/builtin/FailedStep.ts';
import { ContextStep, RootValueStep } from '../../step/builtin/requestSteps.ts';
import type { StepClass } from '../../step/Step.ts';
import { registerOwnSteps } from '../../step/stepClasses.ts';
import { ApplyInputStep } from './ApplyInputStep.ts';
import { ArgumentsStep } from './ArgumentsStep.ts';
import { AuthorizeStep, LeaveOutStep, OfTypeStep, PresentStep, VisibleStep } from './AuthorizeStep.ts';
import { BatchResolverStep } from './BatchResolverStep.ts';
import { CheckTypeStep } from './CheckTypeStep.ts';
import { FieldStep } from './FieldStep.ts';
import { IsTypeOfStep } from './IsTypeOfStep.ts';
import { RefuseStep } from './RefuseStep.ts';
import { ResolverStep } from './ResolverStep.ts';
import { ResolveTypeStep } from './ResolveTypeStep.ts';

/** The classes of the steps that planning itself creates. */
export const builtinSteps: readonly StepClass[] = [
  AccessStep,
  ApplyInputStep,
  ArgumentsStep,
  AuthorizeStep,
  BatchResolverStep,
  CheckTypeStep,
  ConstantStep,
  ContextStep,
  EntryStep,
  FailedStep,
  FieldStep,
  IsTypeOfStep,
  LeaveOutStep,
  OfTypeStep,
  PresentStep,
  RefuseStep,
  ResolverStep,
  ResolveTypeStep,
  RootValueStep,
  VisibleStep,
];

/** Registers them. Called by the linkers of plans. */
export function registerBuiltinSteps(): void {
  registerOwnSteps(...builtinSteps);
}
