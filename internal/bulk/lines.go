package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A line is one of the journal.
type line struct {
	Journal int    `json:"journal,omitempty"` // the first line: the version of the format
	Command string `json:"command,omitempty"`
	Tenant  string `json:"tenant,omitempty"`
	Input   string `json:"input,omitempty"`
	Count   int    `json:"count,omitempty"`

	Batch int32     `json:"batch,omitempty"` // 0: no request was needed
	Send  Verb      `json:"send,omitempty"`
	Rows  spans     `json:"rows,omitzero"`
	At    time.Time `json:"at,omitzero"`     // by the server's clock
	Retry bool      `json:"retry,omitempty"` // the rows were uncertain before

	Unsent   bool        `json:"unsent,omitempty"`
	Done     []doneRow   `json:"done,omitempty"`
	Rejected []Rejection `json:"rejected,omitempty"`
	Again    spans       `json:"again,omitzero"` // certainly not done
	Why      string      `json:"why,omitempty"`
}

type doneRow struct {
	Row int    `json:"row"`
	ID  string `json:"ID,omitempty"`
}

// A Rejection is a row that Workfront refused.
type Rejection struct {
	Row    int             `json:"row"`
	Error  string          `json:"error"`
	Values json.RawMessage `json:"values"`
}

// within says whether all rows of a line are ones of the input.
func (l line) within(rows int) bool {
	ok := func(row int) bool { return row >= 1 && row <= rows }
	for _, s := range append(slices.Clip(l.Rows), l.Again...) {
		if !ok(s.first) || !ok(s.last) {
			return false
		}
	}
	for _, d := range l.Done {
		if !ok(d.Row) {
			return false
		}
	}
	for _, r := range l.Rejected {
		if !ok(r.Row) {
			return false
		}
	}
	return l.Send == "" || l.Batch > 0
}

// eachLine calls do for the lines of a journal and tells where the last whole one ends. What a kill left of a line has no end,
// and what a power cut left is no JSON: either can only be the last one.
func eachLine(file *os.File, do func(line) error) (whole int64, err error) {
	r := bufio.NewReaderSize(io.NewSectionReader(file, 0, 1<<62), 256<<10)
	for number := 1; ; number++ {
		text, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return 0, err
		}
		var l line
		if err := json.Unmarshal(bytes.TrimSpace(text), &l); err != nil {
			if _, err := r.ReadByte(); errors.Is(err, io.EOF) {
				return whole, nil
			}
			return 0, fmt.Errorf("%w: line %d", ErrJournalDamaged, number)
		}
		if err := do(l); err != nil {
			if errors.Is(err, ErrJournalDamaged) {
				err = fmt.Errorf("%w: line %d", err, number)
			}
			return 0, err
		}
		whole += int64(len(text))
	}
}

// Done calls do for each row that is done, those of earlier runs included, in the order in which it became known.
func (j *Journal) Done(do func(row int, id string) error) error {
	return j.each(func(l line) error {
		for _, d := range l.Done {
			if err := do(d.Row, d.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func (j *Journal) each(do func(line) error) error {
	if j.file == nil {
		return nil // a rehearsal's
	}
	_, err := eachLine(j.file, do)
	return err
}

// WriteRejected writes the rejected rows of all runs to a file, which it replaces, and tells how many there are; for none it
// writes nothing. An input may be such a file.
func (j *Journal) WriteRejected(name string) (int, error) {
	if j.Summary().Rejected == 0 {
		return 0, nil
	}
	part, err := os.CreateTemp(filepath.Dir(name), ".wfauth-*.part") // 0600: values of other people's objects
	if err != nil {
		return 0, inputError(name, err)
	}
	defer os.Remove(part.Name()) // it has gone where all went well
	n := 0
	w := bufio.NewWriter(part)
	err = j.each(func(l line) error {
		for _, r := range l.Rejected {
			n++
			if _, err := w.Write(r.appendLine(nil)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = part.Sync()
	}
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return 0, inputError(name, err)
	}
	return n, nil
}

// appendLine appends the row as an input has it, behind its number and the message.
func (r Rejection) appendLine(dst []byte) []byte {
	dst = fmt.Appendf(dst, `{"%s":%d,"%s":`, rowName, r.Row, errorName)
	dst = appendQuoted(dst, r.Error)
	if values := bytes.TrimPrefix(r.Values, []byte("{")); len(values) > 1 {
		dst = append(append(dst, ','), values...)
	} else {
		dst = append(dst, '}')
	}
	return append(dst, '\n')
}
