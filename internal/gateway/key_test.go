package gateway_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/wfauth/wfauth/internal/gateway"
)

func TestParseKey(t *testing.T) {
	t.Parallel()
	a, b := gateway.NewKey(), gateway.NewKey()
	if a == b || len(a) != 64 {
		t.Errorf("new keys are %s and %s", a, b)
	}
	for text, want := range map[string]string{
		a: "", strings.ToUpper(a): "",
		"mDq0bXW8VJtN5yGhLk3cRzAaEeUuIiOo7p9s_-fTQxB":          "", // 43 of 64
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST": "", // 52 of 32
		a[:63]: "less than 256 bits",
		"mDq0bXW8VJtN5yGhLk3cRzAaEeUuIiOo7p9s_-fTQx":          "less than 256 bits",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRS": "less than 256 bits",
		"": "less than 256 bits", strings.Repeat("aB", 40): "repeats itself", strings.Repeat("0", 64): "repeats itself",
		a + " ": "one line", a + "\n" + a: "one line", a + "/..": "one line", a + "ä": "one line",
	} {
		got, err := gateway.ParseKey(text)
		switch {
		case want == "" && (err != nil || got != text):
			t.Errorf("%q: %q, %v", text, got, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || text != "" && strings.Contains(err.Error(), text)):
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Gateways that begin at once have one key, and nothing else is left behind.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	name := filepath.Join(folder, "key")
	var all [20]string
	var gateways sync.WaitGroup
	for i := range all {
		gateways.Go(func() {
			text, err := gateway.KeyFile(name)
			if err != nil {
				t.Error(err)
			}
			all[i] = strings.TrimSpace(text)
		})
	}
	gateways.Wait()
	for _, key := range all {
		if key != all[0] || len(key) != 64 {
			t.Errorf("the keys are %q and %q", key, all[0])
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	if _, err := gateway.KeyFile(filepath.Join(folder, "nothing", "key")); err == nil {
		t.Error("there is no folder, and no error")
	}
	if _, err := gateway.KeyFile(folder); err == nil {
		t.Error("a folder is taken for a key")
	}
}
