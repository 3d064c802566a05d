/** The style of the panel. Nothing of the page's own style reaches it. */
export const panelStyle: string = `
:host { all: initial; position: fixed; right: 12px; bottom: 12px; z-index: 2147483647; color-scheme: light dark; font: 12px/1.45 system-ui, sans-serif; color: CanvasText }
[hidden] { display: none !important }
button { font: inherit; color: inherit; background: Canvas; border: 1px solid GrayText; border-radius: 6px; padding: 3px 10px; cursor: pointer }
.toggle { display: block; margin-left: auto }
section { width: min(640px, calc(100vw - 40px)); max-height: 60vh; overflow: auto; margin-bottom: 6px; padding: 8px 12px; background: Canvas; border: 1px solid GrayText; border-radius: 8px; box-sizing: border-box }
summary { cursor: pointer; overflow-wrap: anywhere }
ol { list-style: none; margin: 4px 0 8px; padding: 0 }
li { border-top: 1px solid color-mix(in srgb, GrayText 40%, Canvas); padding: 4px 0 }
p { margin: 0; overflow-wrap: anywhere }
.facts { color: GrayText }
.bad { color: light-dark(#b3261e, #ff8a80) }
`;
