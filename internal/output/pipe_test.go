package output

import (
	"io"
	"os"
	"testing"
)

func TestReaderGone(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	if err := Document(w, []byte("{}"), false); !ReaderGone(err) {
		t.Errorf("a pipe without reader: %v", err)
	}
	pr, pw := io.Pipe()
	pr.Close()
	if err := Document(pw, []byte("{}"), true); !ReaderGone(err) {
		t.Errorf("an io.Pipe without reader: %v", err)
	}
	w.Close()
	if err := Document(w, []byte("{}"), false); err == nil || ReaderGone(err) {
		t.Errorf("a file that we closed: %v", err)
	}
	if ReaderGone(nil) || ReaderGone(io.ErrShortWrite) {
		t.Error("any error counts as a reader that went away")
	}
}
