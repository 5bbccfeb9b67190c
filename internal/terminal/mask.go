package terminal

import (
	"encoding/json"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// ShortestSecret is the length in bytes from which a secret is masked: a shorter one would mask ordinary words.
const ShortestSecret = 6

// Mask knows the secrets of a run, so that no line can show one, whoever wrote it. It is safe for concurrent use.
type Mask struct {
	mu     sync.Mutex
	values []string
}

// Add makes a value a secret, in every form in which a server may say it back. One of less than six bytes is not taken.
func (m *Mask) Add(value string) {
	if len(value) < ShortestSecret {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.Contains(m.values, value) { // it is asked for before every request
		return
	}
	for _, form := range Forms(value) {
		if !slices.Contains(m.values, form) {
			m.values = append(m.values, form)
		}
	}
	slices.SortFunc(m.values, func(x, y string) int { return len(y) - len(x) })
}

// Forms are a value as it stands in URLs, pages and JSON, whose encoders differ in what they escape, and as it comes out of a page that had
// it as it is: "&GT" in it is ">" then. Some may be the same.
func Forms(value string) []string {
	quoted, _ := json.Marshal(value) // never fails on a string
	marked := string(quoted[1 : len(quoted)-1])
	plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(marked)
	return []string{
		value, url.QueryEscape(value), url.PathEscape(value), html.EscapeString(value), html.UnescapeString(value), html.UnescapeString(url.PathEscape(value)), marked, plain, strings.ReplaceAll(plain, "/", `\/`),
		strings.NewReplacer("=", `\u003d`, "'", `\u0027`).Replace(marked), // as Java's Gson does
	}
}

// Text is text with *** for every secret, also for one that characters which nobody sees stand in the middle of.
func (m *Mask) Text(text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, value := range m.values { // the longest first, for one may begin with another
		text = strings.ReplaceAll(text, value, "***")
	}
	seen, at := visibleOf(text)
	if at == nil {
		return text
	}
	for _, value := range m.values {
		for from := 0; ; {
			found := strings.Index(seen[from:], value)
			if found < 0 {
				break
			}
			from += found
			text = text[:at[from]] + "***" + text[at[from+len(value)-1]+1:]
			seen, at = visibleOf(text)
			if at == nil {
				return text
			}
		}
	}
	return text
}

// visibleOf is a text without what cannot be seen, and where each of its bytes stands in the text; at is nil where that is all of
// it.
func visibleOf(text string) (seen string, at []int) {
	if !strings.ContainsFunc(text, unseen) {
		return text, nil
	}
	var b strings.Builder
	for i, r := range text {
		if unseen(r) {
			continue
		}
		for j := range utf8.RuneLen(r) {
			at = append(at, i+j)
		}
		b.WriteRune(r)
	}
	return b.String(), at
}

// unseen says whether a terminal shows nothing for r; the ends of lines and tabs are seen.
func unseen(r rune) bool {
	return r != '\n' && r != '\t' && r != '\r' && r != utf8.RuneError && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

// Printable makes a server's words fit for one line of a message, as [Printable] does, with its secrets masked: before it is cut,
// for a secret that is cut is not found any more.
func (m *Mask) Printable(text string) string { return clip(m.Text(Line(text)), maxPrintable) }

// Writer writes to w what has passed [Mask.Text]. A secret must not be split over two writes: give it whole lines.
func (m *Mask) Writer(w io.Writer) io.Writer { return maskedWriter{m, w} }

type maskedWriter struct {
	m *Mask
	w io.Writer
}

func (m maskedWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(m.w, m.m.Text(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
