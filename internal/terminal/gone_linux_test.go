package terminal

import (
	"os"
	"testing"
)

func TestGone(t *testing.T) {
	t.Parallel()
	keys, screen := openTerminal(t)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for name, s := range map[string]Streams{
		"in": System(screen, null, null), "out": System(null, screen, null), "err": System(null, null, screen),
	} {
		if s.Gone() {
			t.Errorf("%s: gone before it was closed", name)
		}
		defer func() {
			if !s.Gone() {
				t.Errorf("%s: not gone", name)
			}
		}()
	}
	if System(null, null, null).Gone() {
		t.Error("what is no terminal has gone")
	}
	keys.Close()
}
