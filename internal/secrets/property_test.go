package secrets

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the order of saves, refusals, crashes, full disks and repairs, a
// keyring that comes back older, and hours that pass, and however the size of
// the payload changes: what was acknowledged is there, or
// something newer, and nothing older ever comes back.
func TestNoOlderGenerationComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		b := &bench{faulty: &faulty{backend: &memory{values: make(map[string][]byte)}}, o: options(t)}
		b.o.StateDir, b.o.Note, b.o.KeyringLimit = dir, func(string) {}, 400
		blocked := temporary(b.open().recovery.path)

		// The last number that was acknowledged or seen, and the last that was
		// tried: what is stored is one of those from the first to the second.
		safe, tried := 0, 0
		look := func() {
			payload, err := b.open().Load(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			n := number(payload)
			if n < safe || n > tried {
				rt.Fatalf("%d is stored, but %d was safe and %d the last", n, safe, tried)
			}
			safe = n
		}
		// What a keyring that writes later has on its disk: an identity at least,
		// for a login takes longer than it does.
		reserving(t, b.open(), func(*Item) {})
		older := b.has(t)
		update := func() {
			tried++
			pad := strings.Repeat("x", rapid.SampledFrom([]int{0, 0, 500}).Draw(rt, "pad"))
			survived, err := b.update(t.Context(), fmt.Sprintf(`{"n":%d,"pad":"%s"}`, tried, pad))
			if survived && err == nil {
				safe = tried
			}
		}
		failing := func(f faulty) func() {
			return func() {
				f.backend = b.faulty.backend
				*b.faulty = f
				update()
				b.heal()
			}
		}
		actions := map[string]func(){
			"save":                   update,
			"load":                   look,
			"keyring comes back":     func() { b.forget(t, older); look() },
			"an hour":                func() { older = b.has(t); b.wait(t) },
			"save, refused":          failing(faulty{beforeSet: refuse}),
			"save, refused but done": failing(faulty{afterSet: refuse}),
			"save, not kept":         failing(faulty{keepsNothing: true}),
			"save, dies before":      failing(faulty{beforeSet: die}),
			"save, dies after":       failing(faulty{afterSet: die}),
			"save, no disk": func() {
				// A folder where the temporary file should be.
				if err := os.MkdirAll(filepath.Join(blocked, "x"), 0o700); err != nil {
					rt.Fatal(err)
				}
				update()
				if err := os.RemoveAll(blocked); err != nil {
					rt.Fatal(err)
				}
			},
		}
		names := slices.Sorted(maps.Keys(actions))
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			actions[rapid.SampledFrom(names).Draw(rt, "action")]()
		}
		look()
	})
}
