package cli

import (
	"strings"
	"testing"
)

// What is held in memory has a bound, said so, and nothing within it is lost.
func TestDocumentIsBounded(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]string{0: "", 1<<20 - 1: "", 1 << 20: "", 1<<20 + 1: "larger than 1 MiB", 1 << 23: "larger than 1 MiB"} {
		text, err := readDocument(strings.NewReader(strings.Repeat("x", size)), 1<<20)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) || err == nil && len(text) != size {
			t.Errorf("%d bytes: %d, %v", size, len(text), err)
		}
		if len(text) > 1<<20+1 {
			t.Errorf("%d bytes: %d were read", size, len(text))
		}
	}
}
