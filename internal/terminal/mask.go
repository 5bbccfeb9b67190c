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
)

// shortest is the length in bytes from which a secret is masked: a shorter one would mask ordinary words.
const shortest = 6

// Mask knows the secrets of a run, so that no line can show one, whoever wrote it. It is safe for concurrent use.
type Mask struct {
	mu     sync.Mutex
	values []string
}

// Add makes a value a secret, in every form in which a server may say it back. One of less than six bytes is not taken.
func (m *Mask) Add(value string) {
	if len(value) < shortest {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.Contains(m.values, value) { // it is asked for before every request
		return
	}
	quoted, _ := json.Marshal(value) // never fails on a string
	for _, form := range [...]string{value, url.QueryEscape(value), url.PathEscape(value), html.EscapeString(value), string(quoted[1 : len(quoted)-1])} {
		if !slices.Contains(m.values, form) {
			m.values = append(m.values, form)
		}
	}
	slices.SortFunc(m.values, func(x, y string) int { return len(y) - len(x) })
}

// Text is text with *** for every secret, also for one that has characters in it that are not seen: such a text comes without them.
func (m *Mask) Text(text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	masked := m.replace(text)
	if seen := strings.Map(visibleOnly, masked); seen != masked {
		if again := m.replace(seen); again != seen {
			return again
		}
	}
	return masked
}

func (m *Mask) replace(text string) string {
	for _, value := range m.values { // the longest first, for one may begin with another
		text = strings.ReplaceAll(text, value, "***")
	}
	return text
}

// visibleOnly drops what takes no place: controls but for line ends and tabs, and format characters such as U+200B.
func visibleOnly(r rune) rune {
	if r != '\n' && r != '\r' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)) {
		return -1
	}
	return r
}

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
