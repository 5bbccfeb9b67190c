package output

import (
	"os"
	"path/filepath"
	"testing"
)

// A file goes to the disk while it comes, and that it could not is not forgotten.
func TestSettling(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	s := &settling{asked: 100}
	for _, step := range []struct{ at, asked int64 }{{100 + settles - 1, 100}, {100 + settles, 100 + settles}, {100 + 2*settles - 1, 100 + settles}} {
		s.to(file, step.at)
		s.running.Wait()
		if s.asked != step.asked {
			t.Errorf("at %d asked for %d, want %d", step.at, s.asked, step.asked)
		}
	}
	if err := s.end(file); err != nil {
		t.Error(err)
	}
	good, err := os.Create(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer good.Close()
	file.Close()
	s.to(file, 1<<40)
	if err := s.end(good); err == nil {
		t.Error("a fault on the way is forgotten")
	}
}
