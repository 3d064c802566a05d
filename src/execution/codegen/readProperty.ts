import { quote, type SourceWriter } from '../../utils/SourceWriter.ts';

/** Writes the source that reads a property into `v`. A getter that throws is a failure of its field alone. */
export function readProperty(source: SourceWriter, property: string): void {
  source.line(`try { v = value[${quote(property)}]; } catch (e) { v = failure(e); }`);
}
