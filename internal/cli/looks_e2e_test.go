package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// looksRight checks what a picture would show, in both schemes, on a wide and on a narrow screen: text that can be read,
// and nothing beside the screen. The picture is kept with go test -artifacts.
func (b *tab) looksRight(name string) {
	b.t.Helper()
	for _, scheme := range [...]string{"light", "dark"} {
		b.scheme(scheme)
		for _, width := range [...]int64{900, 360} {
			b.do(chromedp.EmulateViewport(width, 760))
			if over := evaluate[float64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				b.t.Errorf("%s, %s: %v pixels are beside a screen of %d", name, scheme, over, width)
			}
			ctx, cancel := context.WithTimeout(b.ctx, patience)
			picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			cancel()
			if err != nil {
				b.t.Fatal(err)
			}
			path := filepath.Join(b.t.ArtifactDir(), fmt.Sprintf("%s-%s-%d.png", name, scheme, width))
			if err := os.WriteFile(path, picture, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}
		if dark := evaluate[bool](b, darkPage); dark != (scheme == "dark") {
			b.t.Errorf("%s: dark is %v where %s is preferred", name, dark, scheme)
		}
		if faint := evaluate[[]string](b, faintText); len(faint) > 0 {
			b.t.Errorf("%s, %s: less contrast than 4.5 to 1: %q", name, scheme, faint)
		}
	}
}

// Luminance and contrast are WCAG 2's.
const (
	luminance = `
const channels = c => c.match(/[\d.]+/g).map(Number);
const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const luminance = c => { const [r, g, b] = channels(c).map(linear); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; const a = channels(c)[3]; if (a === undefined || a > 0) return c; } return "rgb(255,255,255)"; };
`
	darkPage  = `(() => {` + luminance + `return luminance(behind(document.body)) < 0.2; })()`
	faintText = `(() => {` + luminance + `
return [...document.querySelectorAll("body *")]
	.filter(e => [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.textContent.trim()) && e.getClientRects().length)
	.filter(e => { const [a, b] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05) < 4.5; })
	.map(e => e.tagName + " " + e.textContent.trim()); })()`
)
