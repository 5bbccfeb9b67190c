package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// downloadOne brings the file of a document to where it is to be.
func (t *transfers) downloadOne(ctx context.Context, d document, to *place) (jsontext.Value, error) {
	if d.missing != nil {
		return nil, d.missing
	}
	in := incoming{t: t, d: d, expected: d.size}
	if to.stream != "" {
		return nil, t.stream(ctx, &in, to.stream)
	}
	part := to.opened.Part(d.key)
	err := t.client.Download(ctx, d.url, &partSink{incoming: &in, part: part})
	if err == nil {
		err = in.whole(part.Size())
		if err != nil {
			part.Discard()
		}
	}
	if err != nil {
		if kept := part.Leave(); kept > 0 {
			t.note(fmt.Sprintf("%s: %s are kept, and the same command goes on from there", d, terminal.Bytes(kept)))
		}
		return nil, err
	}
	size := part.Size()
	path := to.file
	if path == "" {
		path, err = part.Place(in.fileName())
	} else {
		err = part.Replace(path)
	}
	if err != nil {
		return nil, &answerError{err}
	}
	return savedRow(d, path, size), nil
}

// stream writes to stdout, or to what is no file that could be replaced.
func (t *transfers) stream(ctx context.Context, in *incoming, name string) error {
	to, err := t.destination(ctx, name)
	if err != nil {
		return err
	}
	if to.terminal {
		to.Writer = t.progress.Over(to.Writer)
	}
	sink := &streamSink{incoming: in, w: to.shown()}
	if err = t.client.Download(ctx, in.d.url, sink); err == nil {
		err = in.whole(sink.size)
	}
	return to.end(err)
}

// savedRow is what is printed of a document that was saved.
func savedRow(d document, path string, size int64) jsontext.Value {
	row := []byte(`{"ID":"` + d.id.String() + `"`)
	for _, member := range [...][2]string{{"name", d.name}, {"file", path}} {
		row = append(row, `,"`+member[0]+`":`...)
		row, _ = jsontext.AppendQuote(row, strings.ToValidUTF8(member[1], "\uFFFD"))
	}
	return append(strconv.AppendInt(append(row, `,"size":`...), size, 10), '}')
}

// incoming is a file that comes.
type incoming struct {
	t        *transfers
	d        document
	content  workfront.Content
	expected int64 // bytes that are still counted on by the progress, of all that come
	moved    int64 // of them
	begun    bool
}

// begin looks at what comes before anything of it is taken.
func (in *incoming) begin(c workfront.Content) error {
	if c.Page && !isPage(in.d.fileName) && !isPage(c.Name) {
		return errors.New("an HTML page came instead of the file")
	}
	if c.Size >= 0 && in.d.size > 0 && c.Size != in.d.size {
		return in.wrongSize(c.Size)
	}
	if c.From > 0 && !in.begun {
		in.t.note(fmt.Sprintf("%s: going on behind %s that are there", in.d, terminal.Bytes(c.From)))
	}
	in.content, in.begun = c, true
	if c.Size >= 0 {
		now := in.moved + c.Size - c.From
		in.t.progress.Spared(in.expected - now)
		in.expected = now
	}
	return nil
}

func (in *incoming) took(n int) {
	in.moved += int64(n)
	in.t.progress.Moved(n)
}

// whole makes sure that a file has the size that Workfront knows, where the answer did not tell one.
func (in *incoming) whole(size int64) error {
	if in.d.size > 0 && size != in.d.size {
		return in.wrongSize(size)
	}
	return nil
}

func (in *incoming) wrongSize(size int64) error {
	return fmt.Errorf("%d bytes came, and the document has %d (is there a new version of it?)", size, in.d.size)
}

// fileName is the first name that is fit to be one.
func (in *incoming) fileName() string {
	for _, name := range [...]string{in.content.Name, in.d.fileName, in.d.name} {
		if name = output.SafeName(name); name != "" {
			return name
		}
	}
	return "document-" + in.d.id.String()
}

// isPage tells the names of files that are pages.
func isPage(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".htm", ".html", ".xhtml", ".shtml":
		return true
	}
	return false
}

// partSink is a file in a folder, which can be gone on with.
type partSink struct {
	*incoming
	part *output.Part
}

func (s *partSink) Has() (int64, string) { return s.part.Has() }

func (s *partSink) Begin(c workfront.Content) error {
	if err := s.begin(c); err != nil {
		return err
	}
	return localFault(s.part.Begin(c.From, c.Validator, c.Resumes))
}

func (s *partSink) Write(p []byte) (int, error) {
	n, err := s.part.Write(p)
	s.took(n)
	return n, localFault(err)
}

// localFault tells a file that is another from one that cannot be written.
func localFault(err error) error {
	switch {
	case errors.Is(err, output.ErrOther):
		return workfront.ErrOther
	case err != nil:
		return &answerError{err}
	}
	return nil
}

// streamSink is what cannot take anything back.
type streamSink struct {
	*incoming
	w    io.Writer
	size int64
}

func (s *streamSink) Has() (int64, string) { return s.size, s.content.Validator }

func (s *streamSink) Begin(c workfront.Content) error {
	if c.From != s.size {
		return fmt.Errorf("after %d bytes the connection ended, and the server does not send the rest of the file", s.size)
	}
	return s.begin(c)
}

func (s *streamSink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.size += int64(n)
	s.took(n)
	return n, err
}
