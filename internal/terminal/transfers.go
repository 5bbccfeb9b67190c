package terminal

import (
	"fmt"
	"io"
	"time"
)

// Transfers shows on one line of a terminal how much of some files has gone over
// the network, as [Progress] does for rows. Nil Transfers show nothing.
type Transfers struct {
	p     *Progress
	files int
	done  int   // of the files; this and the rest are guarded by p.mu
	moved int64 // bytes
	total int64 // bytes; 0: not known
}

// NewTransfers begins to show how so many files get on, with so many bytes in
// all, or 0 where that is not known. [Transfers.Stop] must be called.
func NewTransfers(w io.Writer, width, files int, total int64) *Transfers {
	t := &Transfers{p: newProgress(w, width), files: files, total: total}
	t.p.line = t.line
	t.p.begin()
	return t
}

// Moved counts bytes.
func (t *Transfers) Moved(n int) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	t.moved += int64(n)
}

// Spared says that so many bytes need not be moved. Of what has to be moved once
// more they are less than nothing.
func (t *Transfers) Spared(n int64) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	if t.total > 0 {
		t.total -= n
	}
}

// Done counts a file that has come to an end, whatever it is.
func (t *Transfers) Done() {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	t.done++
}

// Over returns a writer to w that makes room as [Progress.Over] does.
func (t *Transfers) Over(w io.Writer) io.Writer {
	if t == nil {
		return w
	}
	return t.p.Over(w)
}

// Stop erases the line.
func (t *Transfers) Stop() {
	if t != nil {
		t.p.Stop()
	}
}

func (t *Transfers) line(after time.Duration) string {
	line := ""
	if t.files > 1 {
		line = fmt.Sprintf("%s of %s files, ", grouped(t.done), grouped(t.files))
	}
	perSecond := float64(t.moved) / after.Seconds()
	speed := Bytes(int64(perSecond)) + "/s"
	if t.total < t.moved || t.total == 0 {
		return line + Bytes(t.moved) + ", " + speed
	}
	line += fmt.Sprintf("%s of %s, %s", Bytes(t.moved), Bytes(t.total), speed)
	if t.moved == 0 {
		return line
	}
	left := time.Duration(float64(t.total-t.moved) / perSecond * float64(time.Second))
	return fmt.Sprintf("%s, %v left", line, left.Round(time.Second))
}

// Bytes writes a number of bytes as people read it: 1.5 MiB.
func Bytes(n int64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	value, unit := float64(n)/(1<<10), 0
	for value >= 1023.95 && unit < 4 {
		value /= 1 << 10
		unit++
	}
	return fmt.Sprintf("%.1f %s", value, [...]string{"KiB", "MiB", "GiB", "TiB", "PiB"}[unit])
}
