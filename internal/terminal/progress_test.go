package terminal

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := NewProgress(&out, 80)
		after := func(d time.Duration) string {
			time.Sleep(d)
			synctest.Wait()
			p.mu.Lock()
			defer p.mu.Unlock()
			defer out.Reset()
			return out.String()
		}
		p.Add(1000)
		if got := after(999 * time.Millisecond); got != "" {
			t.Errorf("in the first second: %q", got)
		}
		if got, want := after(time.Millisecond), "\r1,000 rows, 1,000 rows/s"; got != want {
			t.Errorf("after a second: %q, want %q", got, want)
		}
		p.Add(1000)
		p.Total(12_000)
		if got, want := after(time.Second), "\r2,000 of 12,000 rows, 1,000 rows/s, 10s left"; !strings.HasSuffix(got, want) {
			t.Errorf("with a total: %q, want %q", got, want)
		}
		p.Add(1_000_000)
		if got, want := after(200*time.Millisecond), "\r1,002,000 rows, 455,454 rows/s"; strings.TrimRight(got, " ") != want || len(got) != len("\r2,000 of 12,000 rows, 1,000 rows/s, 10s left") {
			t.Errorf("more than the total: %q, want %q", got, want)
		}
		io.WriteString(p.Over(&out), "a row\n")
		blank := "\r" + strings.Repeat(" ", len("1,002,000 rows, 455,454 rows/s")) + "\r"
		if got, want := after(0), blank+"a row\n"; got != want {
			t.Errorf("a row on the same terminal: %q, want %q", got, want)
		}
		after(200 * time.Millisecond)
		p.Stop()
		if got := after(time.Hour); !strings.HasPrefix(got, "\r ") || strings.Trim(got, " \r") != "" {
			t.Errorf("at the end: %q", got)
		}
		p.Stop()
		p.Add(1)
		if got := after(time.Hour); got != "" {
			t.Errorf("after the end: %q", got)
		}
	})
}

func TestProgressOnANarrowTerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := NewProgress(&out, 10)
		defer p.Stop()
		time.Sleep(progressAfter)
		synctest.Wait()
		if got, want := out.String(), "\r0 rows, …"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// What is done within a second, and what has no terminal, shows nothing.
func TestNoProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress(&out, 80)
		p.Add(5)
		time.Sleep(progressAfter - 1)
		p.Stop()
		if out.Len() > 0 {
			t.Errorf("wrote %q", out.String())
		}
	})
	var none *Progress
	none.Add(1)
	none.Total(2)
	none.Stop()
	if w := none.Over(&out); w != io.Writer(&out) {
		t.Errorf("Over(w) = %v", w)
	}
}
