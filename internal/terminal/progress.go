package terminal

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	progressAfter = time.Second // what is done sooner needs no progress
	progressEvery = 200 * time.Millisecond
)

// A Progress shows on one line of a terminal how many rows there were so far.
// It appears after a second and is erased at the end. A nil Progress shows
// nothing, which is right for a pipe.
type Progress struct {
	w     io.Writer
	width int
	start time.Time
	done  chan struct{}
	ended sync.WaitGroup
	line  func(after time.Duration) string // what to show; called with mu held

	mu          sync.Mutex // guards what follows and writing
	rows, total int
	shown       int // characters that stand on the line
	stopped     bool
}

// NewProgress begins to show progress on w, a terminal that is so many columns
// wide. [Progress.Stop] must be called.
func NewProgress(w io.Writer, width int) *Progress {
	p := newProgress(w, width)
	p.line = p.rowsLine
	p.begin()
	return p
}

func newProgress(w io.Writer, width int) *Progress {
	return &Progress{w: w, width: width, start: time.Now(), done: make(chan struct{})}
}

// begin shows the line from time to time.
func (p *Progress) begin() {
	p.ended.Go(func() {
		next := time.NewTimer(progressAfter)
		defer next.Stop()
		for {
			select {
			case <-p.done:
				return
			case <-next.C:
				p.show()
				next.Reset(progressEvery)
			}
		}
	})
}

// Add counts rows.
func (p *Progress) Add(rows int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows += rows
}

// Total says how many rows there will be, by which the time left is known. The
// server may be wrong about it.
func (p *Progress) Total(rows int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = rows
}

// Over returns a writer to w, which may be the same terminal: the line makes
// room for what is written, which should end a line.
func (p *Progress) Over(w io.Writer) io.Writer {
	if p == nil {
		return w
	}
	return progressOver{p, w}
}

type progressOver struct {
	p *Progress
	w io.Writer
}

func (o progressOver) Write(b []byte) (int, error) {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	o.p.erase()
	return o.w.Write(b)
}

// Stop erases the line. It may be called more than once.
func (p *Progress) Stop() {
	if p == nil {
		return
	}
	p.mu.Lock()
	if !p.stopped {
		p.stopped = true
		close(p.done)
		p.erase()
	}
	p.mu.Unlock()
	p.ended.Wait()
}

func (p *Progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	// The last column stays free: some terminals go to the next line with it.
	line := clip(p.line(time.Since(p.start)), max(p.width-1, 1))
	old := p.shown
	p.shown = len([]rune(line))
	// Blanks, not an escape sequence, for they work in every console. A failure
	// to show progress is none of the command's.
	_, _ = io.WriteString(p.w, "\r"+line+strings.Repeat(" ", max(old-p.shown, 0)))
}

func (p *Progress) erase() {
	if p.shown > 0 {
		_, _ = io.WriteString(p.w, "\r"+strings.Repeat(" ", p.shown)+"\r")
		p.shown = 0
	}
}

// rowsLine says how far it got in some time.
func (p *Progress) rowsLine(after time.Duration) string {
	perSecond := float64(p.rows) / after.Seconds()
	speed := grouped(int(perSecond)) + " rows/s"
	if p.total < p.rows || p.total == 0 {
		return grouped(p.rows) + " rows, " + speed
	}
	line := fmt.Sprintf("%s of %s rows, %s", grouped(p.rows), grouped(p.total), speed)
	if p.rows == 0 {
		return line
	}
	left := time.Duration(float64(p.total-p.rows) / perSecond * float64(time.Second))
	return fmt.Sprintf("%s, %v left", line, left.Round(time.Second))
}

// grouped writes a count as people read it: 1,234,567.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
