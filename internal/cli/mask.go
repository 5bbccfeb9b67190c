package cli

import (
	"encoding/json"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// secretSet holds the secrets of this run, so that no line can show one, whoever wrote it.
type secretSet struct {
	mu     sync.Mutex
	values []string
}

func (s *secretSet) add(value string) {
	if len(value) < 6 {
		return // would mask ordinary words
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.values, value) { // it is asked for before every request
		return
	}
	quoted, _ := json.Marshal(value) // never fails on a string
	// As a server may say it back.
	for _, form := range [...]string{value, url.QueryEscape(value), url.PathEscape(value), html.EscapeString(value), string(quoted[1 : len(quoted)-1])} {
		if !slices.Contains(s.values, form) {
			s.values = append(s.values, form)
		}
	}
	slices.SortFunc(s.values, func(x, y string) int { return len(y) - len(x) })
}

func (s *secretSet) mask(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range s.values { // the longest first, for one may begin with another
		text = strings.ReplaceAll(text, value, "***")
	}
	return text
}

// maskedWriter is stderr without secrets. Its writers write whole lines.
type maskedWriter struct {
	a *app
	w io.Writer
}

func (m *maskedWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(m.w, m.a.secrets.mask(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
