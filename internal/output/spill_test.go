package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// waitingRows returns a grid with rows that wait in a file.
func waitingRows(t *testing.T, w io.Writer, n int) *grid {
	t.Helper()
	g := newGrid(w, Options{}, newCSV(false))
	g.waiting.chunk = 100
	for i := range n {
		if err := g.Page([]jsontext.Value{fmt.Appendf(nil, `{"n":%d}`, i)}); err != nil {
			t.Fatal(err)
		}
	}
	if g.waiting.file == nil {
		t.Fatal("the rows do not wait in a file")
	}
	return g
}

// Nobody else can read the file, be it by its name, which is gone, or by its mode.
func TestRowsWaitInPrivate(t *testing.T) {
	t.Parallel()
	g := waitingRows(t, io.Discard, 100)
	info, err := g.waiting.file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
		t.Errorf("mode %o", mode)
	}
	named := g.waiting.file.Name() != os.TempDir() // a file that never had a name is called by its folder's
	if _, err := os.Stat(g.waiting.file.Name()); named && runtime.GOOS != "windows" && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it has a name: %v", err)
	}
	file := g.waiting.file
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is still open at the end: %v", err)
	}
	if _, err := os.Stat(file.Name()); named && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there at the end: %v", err)
	}
}

// What waits is written when the rest cannot come, and it is known how much of it got there.
func TestBreakWritesWhatWaits(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	g := waitingRows(t, &out, 100)
	if out.Len() > 0 || g.Written() != 0 {
		t.Errorf("%d rows written, %q", g.Written(), out.String())
	}
	for range 2 {
		if err := g.Break(); err != nil || g.Written() != 100 || strings.Count(out.String(), "\r\n") != 101 {
			t.Errorf("%d rows written, %d lines, %v", g.Written(), strings.Count(out.String(), "\r\n"), err)
		}
	}
	g = waitingRows(t, brokenWriter{io.ErrShortWrite}, 100)
	file := g.waiting.file
	if err := g.Break(); !errors.Is(err, io.ErrShortWrite) || g.Written() != 0 {
		t.Errorf("%d rows written, %v", g.Written(), err)
	}
	if err := file.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is still open at the end: %v", err)
	}
}

// Rows that find no room are not lost: they are written with the others.
func TestNoRoomToWait(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	g := waitingRows(t, &out, 100)
	room := g.waiting.file
	full, err := os.Open(os.DevNull) // cannot be written to
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	g.waiting.file = full
	n := 100
	for ; err == nil; n++ {
		err = g.Page([]jsontext.Value{fmt.Appendf(nil, `{"n":%d}`, n)})
	}
	spilled, ok := errors.AsType[*SpillError](err)
	if !ok || strings.Contains(err.Error(), room.Name()) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	} else if path, ok := errors.AsType[*os.PathError](spilled.Err); ok {
		t.Errorf("the error names %s", path.Path)
	}
	g.waiting.file = room
	if err := g.Break(); err != nil || g.Written() != n || strings.Count(out.String(), "\r\n") != n+1 {
		t.Errorf("%d of %d rows written, %v", g.Written(), n, err)
	}
	if !strings.HasSuffix(out.String(), fmt.Sprintf("\r\n%d\r\n", n-1)) {
		t.Error("the last row is missing")
	}
	if err := (&SpillError{syscall.ENOSPC}).Error(); !strings.Contains(err, os.TempDir()) {
		t.Errorf("the error does not say where: %s", err)
	}
}

// A row reaches its reader before the next has come, where the columns are named.
func TestNamedColumnsStream(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{CSV, TSV, Table} {
		var out bytes.Buffer
		w, err := NewRowWriter(&out, format, Options{Fields: []string{"n"}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if err := w.Page([]jsontext.Value{fmt.Appendf(nil, `{"n":%d}`, i)}); err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(out.String(), "\n"); lines != i+2 || w.Written() != i+1 {
				t.Errorf("%s: %d lines and %d rows after %d rows", format, lines, w.Written(), i+1)
			}
		}
	}
}

// However many rows wait, no more than a chunk of them is in memory.
func TestWaitingTakesNoMemory(t *testing.T) {
	t.Parallel()
	g := newGrid(io.Discard, Options{}, newCSV(false))
	rows := projects(100)
	for range 200 { // 11 MB
		if err := g.Page(rows); err != nil {
			t.Fatal(err)
		}
	}
	if held := cap(g.waiting.buf); held > 4*spillChunk {
		t.Errorf("%d bytes are held", held)
	}
	if g.waiting.kept < 10<<20 {
		t.Errorf("only %d bytes are in the file", g.waiting.kept)
	}
	if err := g.Close(); err != nil || g.Written() != 20_000 || cap(g.buf) > 4*replayChunk {
		t.Errorf("%d rows, %d bytes at once, %v", g.Written(), cap(g.buf), err)
	}
}
