// `<div ${styled({ height: "10px" })}>`: styles that a policy against inline styles allows. Lit's own
// styleMap writes an attribute the first time, which such a policy forbids.

import { nothing } from "lit";
import { Directive, PartType, directive, type ElementPart, type PartInfo } from "lit/directive.js";

class Styled extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("styled() stands in a tag, not in an attribute");
  }

  render(_styles: Record<string, string>) {
    return nothing;
  }

  override update(part: ElementPart, [styles]: [Record<string, string>]) {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(styles)) {
      if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
    return nothing;
  }
}

export const styled = directive(Styled);
