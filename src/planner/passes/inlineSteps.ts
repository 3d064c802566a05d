import { FieldStep } from '../../schema/steps/FieldStep.ts';
import { AccessStep } from '../../step/builtin/AccessStep.ts';
import { EntryStep } from '../../step/builtin/EntryStep.ts';
import type { Layer, Step } from '../../step/Step.ts';
import type { Position } from '../construct/OutputTree.ts';
import type { PlanDraft } from '../PlanDraft.ts';
import type { Pass } from './Pass.ts';

/**
 * Leaves property reads that only the output needs to the output: they get no register, and layers in which nothing
 * else happens get no rows.
 *
 *     $1 load; $2 field $1 .name; output name: $2    ->    $1 load; output name: $1.name
 *
 * Safe because the output reads the same property of the same value in the same row.
 */
export const inlineSteps: Pass = {
  name: 'inlineSteps',
  isRequired: true,
  run(draft, enabled) {
    const columns = new Columns(draft);
    for (const step of draft.needed.keys()) if (!enabled || !canInline(step)) columns.addStep(step);
    columns.addOutputs();
    draft.columns = columns.steps;
    draft.layers = columns.layers;
  },
};

/** Whether the output can do the step's work. */
function canInline(step: Step): boolean {
  if (step instanceof EntryStep) return step.layer.kind === 'list';
  if (!(step instanceof AccessStep) && !(step instanceof FieldStep)) return false;
  const { dependencies } = step;
  return dependencies.length === 1 && dependencies[0]?.kind === 'list';
}

class Columns {
  readonly steps = new Set<Step>();
  readonly layers = new Set<Layer>();
  readonly #draft: PlanDraft;

  constructor(draft: PlanDraft) {
    this.#draft = draft;
    this.steps = new Set(draft.columns);
    this.layers = new Set(draft.layers);
    // Branches that were planned later bring more to layers that are there already.
    for (const layer of draft.layers) this.#addContributions(layer);
  }

  addStep(given: Step): void {
    const step = this.#draft.graph.resolve(given);
    if (this.steps.has(step)) return;
    this.steps.add(step);
    for (const dependency of step.dependencies) {
      this.addStep(dependency.step);
      if (dependency.layer !== null) this.addLayer(dependency.layer);
    }
    this.addLayer(step.layer);
  }

  addLayer(layer: Layer): void {
    if (this.layers.has(layer)) return;
    this.layers.add(layer);
    if (layer.parent !== null) this.addLayer(layer.parent);
    if (layer.source !== null) this.addStep(layer.source);
    if (layer.entry !== null) this.addStep(layer.entry);
    this.#addContributions(layer);
  }

  #addContributions({ contributions }: Layer): void {
    for (const { layer: from, $value } of contributions) {
      this.addLayer(from);
      this.addStep($value);
    }
  }

  addOutputs(): void {
    const { $stream } = this.#draft;
    if ($stream !== null) this.addStep($stream); // no output reads the source of events
    for (const root of this.#draft.roots) {
      if (root.branch !== null) this.#addPosition(root.branch.position, root.branch.abstract.layer.source);
    }
    for (const output of this.#draft.outputs) {
      if (output.kind === 'object') {
        for (const { position } of output.fields) {
          // Mostly it is a property of the object.
          if (position !== null && position.$value !== output.$value) this.#addPosition(position, output.$value);
        }
      } else if (output.kind === 'list') {
        // The items that are delivered later have rows of their own.
        if (output.layer.stream !== null) this.addLayer(output.layer);
        this.#addPosition(output.item, output.layer.entry);
      } else if (output.kind === 'abstract') {
        this.addLayer(output.layer);
        for (const branch of output.branches.values()) {
          this.#addPosition(branch.position, output.layer.source);
        }
      }
    }
  }

  /** Adds the steps that lead from the value `$own` of the surrounding object to the position's value. */
  #addPosition({ $value }: Position, $own: Step | null): void {
    const { graph } = this.#draft;
    const own = $own === null ? null : graph.resolve($own);
    let step = graph.resolve($value);
    while (step !== own && !this.steps.has(step)) {
      const inner = step.dependencies[0];
      if (!canInline(step) || step instanceof EntryStep || inner === undefined) {
        this.addStep(step);
        return;
      }
      const source = graph.resolve(inner.step);
      // The reader calls functions found by the default resolver: only the last key may find one.
      if (source instanceof FieldStep && source !== own && !this.steps.has(source)) this.addStep(source);
      step = source;
    }
  }
}
