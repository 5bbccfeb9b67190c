package output

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// RowWriter returns a writer that runs the program over rows and writes its
// results as [Program.Run] does: once for each row, or else once for each page,
// as the document {"data":[…]}; no rows at all are one such page. The context
// interrupts the program. What acts on a terminal is for w to take out.
func (p *Program) RowWriter(ctx context.Context, w io.Writer, each bool) RowWriter {
	results := bufio.NewWriterSize(w, 64<<10)
	j := &jqRows{results: results, each: each}
	j.run = func(document []byte) error { return p.run(ctx, results, document) }
	return j
}

type jqRows struct {
	run     func(document []byte) error // appends to the results
	results *bufio.Writer
	each    bool
	written int
	ran     bool
	buf     []byte // reused between pages
}

func (j *jqRows) Page(rows []jsontext.Value) error {
	var err error
	if j.each {
		err = j.runEach(rows)
	} else if len(rows) > 0 {
		err = j.runPage(rows)
	}
	if lost := j.results.Flush(); lost != nil {
		return lost
	}
	return err
}

func (j *jqRows) Close() error {
	if j.each || j.ran {
		return nil
	}
	err := j.runPage(nil)
	if lost := j.results.Flush(); lost != nil {
		return lost
	}
	return err
}

// Break has nothing to do: no result waits.
func (j *jqRows) Break() error { return nil }

// Written counts the rows that the program has dealt with.
func (j *jqRows) Written() int { return j.written }

func (j *jqRows) runEach(rows []jsontext.Value) error {
	for _, row := range rows {
		if err := j.run(row); errors.Is(err, ErrHalt) {
			return err
		} else if err != nil {
			return fmt.Errorf("row %d: %w", j.written+1, err)
		}
		j.written++
	}
	return nil
}

func (j *jqRows) runPage(rows []jsontext.Value) error {
	j.ran = true
	j.buf = append(j.buf[:0], `{"data":[`...)
	for i, row := range rows {
		if i > 0 {
			j.buf = append(j.buf, ',')
		}
		j.buf = append(j.buf, row...)
	}
	j.buf = append(j.buf, "]}"...)
	if err := j.run(j.buf); err != nil {
		return err
	}
	j.written += len(rows)
	return nil
}

// ArrayWriter returns a writer that runs the program once, when all rows have come, over the array of them, which is in
// memory until then. Of rows that end early nothing is written.
func (p *Program) ArrayWriter(ctx context.Context, w io.Writer) RowWriter {
	return &jqArray{run: func(array []byte) error { return p.Run(ctx, w, array) }, array: []byte{'['}}
}

type jqArray struct {
	run           func(array []byte) error
	array         []byte
	rows, written int
}

func (j *jqArray) Page(rows []jsontext.Value) error {
	for _, row := range rows {
		if j.rows++; j.rows > 1 {
			j.array = append(j.array, ',')
		}
		j.array = append(j.array, row...)
	}
	return nil
}

func (j *jqArray) Close() error {
	err := j.run(append(j.array, ']'))
	if err == nil || errors.Is(err, ErrHalt) {
		j.written = j.rows
	}
	return err
}

// Break has nothing to write: what a part of the rows would give is not what was asked for.
func (j *jqArray) Break() error { return nil }

// Written counts the rows that the program has dealt with.
func (j *jqArray) Written() int { return j.written }
