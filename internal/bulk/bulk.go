// Package bulk does to thousands of objects what one request does to a hundred: it reads rows and checks them, sends them in
// batches through a function that it is given, keeps a journal of what was sent and what came of it, and goes on where an
// earlier run was killed. It knows no HTTP. What is known of a row, and why, is decision 0008.
package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A Verb is what is done to the rows.
type Verb string

// Upsert becomes Create and Update; no batch has it.
const (
	Create Verb = "create"
	Update Verb = "update"
	Upsert Verb = "upsert"
	Delete Verb = "delete"
)

// creates: rows of this verb have no ID.
func (v Verb) creates() bool { return v == Create || v == Upsert }

// A Field is one value that is written.
type Field struct {
	Name  string
	Value jsontext.Value
}

// A Row is one object to be written.
type Row struct {
	Number int     // 1 is the first of data
	Line   int     // where it begins in a CSV file; else 0
	ID     string  // of an update or a delete
	Key    string  // the text of the key field, where there is one
	Fields []Field // without the ID, in the order of the input
	whole  []Field // all of the row, where Fields are only those that differ; nil: Fields are
	size   int
}

// input is the row as an input has it.
func (r Row) input() jsontext.Value {
	if r.whole != nil {
		r.ID, r.Fields = "", r.whole
	}
	return r.appendObject(nil)
}

// value is nil where the row does not write the field.
func (r Row) value(name string) jsontext.Value { return member(r.Fields, name) }

// appendObject appends the row as JSON, with its ID if it has one.
func (r Row) appendObject(dst []byte) []byte {
	dst = append(dst, '{')
	if r.ID != "" {
		dst = append(appendQuoted(append(dst, `"ID":`...), r.ID), ',')
	}
	for _, f := range r.Fields {
		dst = append(append(appendQuoted(dst, f.Name), ':'), f.Value...)
		dst = append(dst, ',')
	}
	return append(bytes.TrimSuffix(dst, []byte(",")), '}')
}

// maxRows is how many objects Workfront takes in one request.
const maxRows = 100

// maxWeight ends a batch of heavy rows earlier, in bytes.
const maxWeight = 4 << 20

// A Batch is what one request does.
type Batch struct {
	Verb   Verb // Create, Update or Delete
	Rows   []Row
	Atomic bool // all or nothing
}

// Updates are the rows as the array that Workfront's parameter of that name takes.
func (b Batch) Updates() jsontext.Value {
	array := []byte("[")
	for i, r := range b.Rows {
		if i > 0 {
			array = append(array, ',')
		}
		array = r.appendObject(array)
	}
	return append(array, ']')
}

// IDs are those of the rows, for a delete.
func (b Batch) IDs() []string {
	ids := make([]string, len(b.Rows))
	for i, r := range b.Rows {
		ids[i] = r.ID
	}
	return ids
}

// Fields are the names that any row writes, in order of first appearance: an answer must have them for its objects to be
// matched to rows.
func (b Batch) Fields() []string { return fieldsOf(b.Rows) }

func fieldsOf(rows []Row) (names []string) {
	seen := map[string]bool{}
	for _, r := range rows {
		for _, f := range r.Fields {
			if !seen[f.Name] {
				seen[f.Name] = true
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// An Answer is what came back of a batch that was done. Objects need not be in the order of the rows; a delete and an atomic
// batch need none, nor does one that is All done by other evidence, such as a rehearsal.
type Answer struct {
	Objects []jsontext.Value // each with its ID and the batch's fields
	All     bool
}

// Refused is the error of a batch that Workfront refused. Whether it did a part of it is not known.
type Refused struct {
	Message  string // Workfront's
	NotFound bool   // an object is not there
}

func (e *Refused) Error() string { return e.Message }

// NotSent is the error of a batch that certainly did nothing: the request never left, was not taken up, or the session is
// gone. It ends the run, which returns it. Any error that is neither this nor [Refused] leaves the rows uncertain.
type NotSent struct{ Err error }

func (e *NotSent) Error() string { return e.Err.Error() }

func (e *NotSent) Unwrap() error { return e.Err }

// A Job is one run over the rows of a sheet.
type Job struct {
	Sheet   *Sheet
	Journal *Journal // nil: none is kept, for a rehearsal
	Atomic  bool     // each batch is one transaction

	Concurrency    int           // requests at a time; 0 is 1
	RetryUncertain bool          // send again what is uncertain
	Settle         time.Duration // how long after a batch was sent a key that is not there counts as not made; 0 is 30 s

	// Send sends one batch. It waits out what is to be waited out, and sends nothing twice that may have arrived.
	Send func(context.Context, Batch) (Answer, error)
	// Find finds objects by the values of a field, some hundred at a time, and returns them with ID, that field and others.
	// It may return too many: they are compared anew. It is needed where the rules of the sheet have a key; a delete that was
	// refused asks it which IDs are still there, and sends more requests without.
	Find func(ctx context.Context, field string, values, fields []string) ([]jsontext.Value, error)
	// Own finds the objects that this user has entered between two moments (until is zero: now), all of them, with ID and
	// these fields. Where it is nil, creates without a key that were refused together stay uncertain.
	Own func(ctx context.Context, since, until time.Time, fields []string) ([]jsontext.Value, error)
	// Same says whether a field took a value: got is nil where the object lacks it.
	Same func(sent, got jsontext.Value) bool
	// Now is the time by the server's clock, rather a little early than late; nil: this machine's.
	Now func() time.Time

	// Event is told what became of each row once the journal has it, one call at a time, batches as they come. Its error ends
	// the run. Rows that are uncertain come at the end, those of earlier runs as well.
	Event func(Event) error
	// Progress is told after each batch how far the run is; nil: nobody wants to know.
	Progress func(Summary)
}

// A Kind is what became of a row.
type Kind string

// All but the last two are done.
const (
	Created   Kind = "created"
	Updated   Kind = "updated"
	Deleted   Kind = "deleted"
	Unchanged Kind = "unchanged" // nothing was to be written
	There     Kind = "there"     // its key was there before: not created
	Gone      Kind = "gone"      // a delete whose object was not there any more, or never
	Rejected  Kind = "rejected"
	Uncertain Kind = "uncertain"
)

// An Event is what became of one row.
type Event struct {
	Row     int
	Kind    Kind
	ID      string         // "": not known
	Object  jsontext.Value // what the answer had of it, or nil
	Ignored []string       // fields that did not take the value
	Why     string         // Rejected: Workfront's message; Uncertain: what happened
}

// A Summary counts rows, those of earlier runs of the journal included.
type Summary struct {
	Rows, Done, Rejected, Uncertain int
	Kinds                           map[Kind]int // of this run alone; nil in progress
	Requests                        int          // batches sent by this run
}

// Whole says whether every row is done.
func (s Summary) Whole() bool { return s.Done == s.Rows }

// Pending is how many rows have not been sent.
func (s Summary) Pending() int { return s.Rows - s.Done - s.Rejected - s.Uncertain }

// check finds what the caller forgot.
func (j Job) check() error {
	rules := j.Sheet.rules
	switch {
	case j.Send == nil || j.Same == nil:
		return errors.New("bulk: Send and Same are needed")
	case rules.Key != "" && j.Find == nil:
		return errors.New("bulk: a key needs Find")
	case j.Journal != nil && j.Journal.rows() != j.Sheet.Rows:
		return fmt.Errorf("bulk: the journal is of %d rows, the sheet of %d", j.Journal.rows(), j.Sheet.Rows)
	case !slices.Contains([]Verb{Create, Update, Upsert, Delete}, rules.Verb):
		return fmt.Errorf("bulk: there is no verb %q", rules.Verb)
	}
	return nil
}
