package terminal

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTransfers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files int
		total int64
		do    func(*Transfers)
		want  string // after a second
	}{
		"one file":         {1, 4 << 20, func(t *Transfers) { t.Moved(1 << 20) }, "1.0 MiB of 4.0 MiB, 1.0 MiB/s, 3s left"},
		"nothing yet":      {1, 4 << 20, func(*Transfers) {}, "0 bytes of 4.0 MiB, 0 bytes/s"},
		"several":          {1200, 3 << 30, func(t *Transfers) { t.Moved(1536); t.Done(); t.Done() }, "2 of 1,200 files, 1.5 KiB of 3.0 GiB, 1.5 KiB/s, 582h32m31s left"},
		"size not known":   {1, 0, func(t *Transfers) { t.Moved(1000) }, "1000 bytes, 1000 bytes/s"},
		"more than stated": {1, 10, func(t *Transfers) { t.Moved(11) }, "11 bytes, 11 bytes/s"},
		"resumed":          {1, 4 << 20, func(t *Transfers) { t.Spared(2 << 20); t.Moved(1 << 20) }, "1.0 MiB of 2.0 MiB, 1.0 MiB/s, 1s left"},
		"begun anew":       {1, 4 << 20, func(t *Transfers) { t.Moved(1 << 20); t.Spared(-1 << 20) }, "1.0 MiB of 5.0 MiB, 1.0 MiB/s, 4s left"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			p := NewTransfers(&out, 80, c.files, c.total)
			c.do(p)
			time.Sleep(progressAfter)
			synctest.Wait()
			if got := out.String(); got != "\r"+c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
			io.WriteString(p.Over(&out), "said\n")
			if got := out.String(); !strings.HasSuffix(got, "\r"+strings.Repeat(" ", len(c.want))+"\rsaid\n") {
				t.Errorf("%s: over it: %q", name, got)
			}
			p.Stop()
		})
	}
	var none *Transfers
	none.Moved(1)
	none.Spared(1)
	none.Done()
	none.Stop()
	var out bytes.Buffer
	if none.Over(&out) != io.Writer(&out) {
		t.Error("without a terminal nothing stands between")
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 bytes", 1023: "1023 bytes", 1024: "1.0 KiB", 1536: "1.5 KiB", 1<<20 - 1: "1.0 MiB", 1 << 30: "1.0 GiB", 5 << 40: "5.0 TiB", 1 << 62: "4096.0 PiB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
