package cli

import (
	"io"
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
	if !slices.Contains(s.values, value) { // it is asked for before every request
		s.values = append(s.values, value)
		slices.SortFunc(s.values, func(x, y string) int { return len(y) - len(x) })
	}
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
