package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wfauth/wfauth/internal/bulk"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// batch is what some rows are sent as. They are asked back, by which they are known again.
func (d *delivery) batch(b bulk.Batch) workfront.Request {
	verbs := map[bulk.Verb]string{bulk.Create: objects.Create, bulk.Update: objects.Update, bulk.Delete: objects.Delete}
	e := d.object.Request(verbs[b.Verb], "", "")
	r := workfront.Request{Method: e.Method, Path: e.Path}
	add := func(key, value string) { r.Fields = append(r.Fields, workfront.Field{Key: key, Value: value}) }
	if b.Verb == bulk.Delete {
		add("id", strings.Join(b.IDs(), ","))
		r.Fields = append(r.Fields, d.b.forced()...)
	} else {
		add("updates", string(b.Updates()))
	}
	if b.Atomic {
		add("atomic", "true") // the answer is no list then
	} else if b.Verb != bulk.Delete {
		var fields []bulk.Field
		for _, row := range b.Rows {
			fields = append(fields, row.Fields...)
		}
		add("fields", fieldArray(askedBack(d.m, fields)))
	}
	return r
}

// send sends a batch, and tells what is known of it afterwards.
func (d *delivery) send(ctx context.Context, b bulk.Batch) (bulk.Answer, error) {
	answer, err := d.client.Do(ctx, d.batch(b))
	if answer != nil {
		defer answer.Body.Close()
		d.clock.observe(answer.Header.Get("Date"))
	}
	if err != nil {
		return bulk.Answer{}, d.fate(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return bulk.Answer{}, err
	}
	data := output.Member(body, "data")
	if b.Atomic || b.Verb == bulk.Delete {
		if success := output.Text(output.Member(data, "success")); success == "false" {
			return bulk.Answer{}, errors.New("the answer says that it was no success, and not why")
		}
		return bulk.Answer{All: true}, nil
	}
	rows, err := output.Rows(body, output.Keys{})
	if err != nil {
		return bulk.Answer{}, err
	}
	return bulk.Answer{Objects: rows.Rows}, nil
}

// fate sorts the errors of a batch: refused, not sent, or nobody knows.
func (d *delivery) fate(err error) error {
	if _, ok := errors.AsType[*workfront.MaybeDoneError](err); ok {
		return errors.New(d.printable(err.Error()))
	}
	refusal, ok := errors.AsType[*workfront.Refusal](err)
	if !ok || refusal.SessionGone {
		return &bulk.NotSent{Err: err}
	}
	return &bulk.Refused{Message: d.printable(refusal.Message), NotFound: isNotFound(err)}
}

// find finds objects by the values of a field.
func (d *delivery) find(ctx context.Context, field string, values, fields []string) ([]jsontext.Value, error) {
	params, err := objects.Among(field, values)
	if err != nil {
		return nil, err
	}
	return d.list(ctx, params, append([]string{field}, fields...))
}

// list reads a whole list.
func (d *delivery) list(ctx context.Context, params []objects.Param, fields []string) (all []jsontext.Value, err error) {
	names := []string{"ID"}
	for _, name := range fields {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	e := d.object.Request(objects.Search, "", "")
	r := workfront.Request{Method: e.Method, Path: e.Path, Fields: append(fieldsOf(params), workfront.Field{Key: "fields", Value: fieldArray(names)})}
	for page, err := range d.client.Pages(ctx, r, workfront.Walk{}) {
		if err != nil {
			if refusal, ok := errors.AsType[*workfront.Refusal](err); ok && refusal.SessionGone {
				return nil, &bulk.NotSent{Err: err}
			}
			return nil, err
		}
		for _, row := range page {
			all = append(all, row.Clone())
		}
	}
	return all, nil
}

// own prepares the look at what this user has entered, by which creates without a key are settled. What was there before the run
// is remembered, for the moment of an entry is known to the minute only. Without that look, which an object may not allow, they stay
// uncertain. An error is one that ends the run.
func (d *delivery) own(ctx context.Context) (func(context.Context, time.Time, time.Time, []string) ([]jsontext.Value, error), error) {
	// Whose clock it is has to be known before: an entry before our clock's time would not be seen.
	e := d.object.Request(objects.Count, "", "")
	answer, err := d.client.Do(ctx, workfront.Request{Path: e.Path, Fields: []workfront.Field{{Key: "ID", Value: strings.Repeat("0", 32)}}})
	if answer != nil {
		d.clock.observe(answer.Header.Get("Date"))
		answer.Body.Close()
	}
	if refusal, ok := errors.AsType[*workfront.Refusal](err); err != nil && (!ok || refusal.SessionGone) {
		return nil, err
	}
	before := map[string]bool{}
	params := objects.EnteredByMe(d.m, d.clock.now(), time.Time{})
	if params == nil {
		return nil, nil
	}
	mine, err := d.list(ctx, params, nil)
	if _, refused := errors.AsType[*workfront.Refusal](err); refused {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, object := range mine {
		before[strings.ToLower(output.Text(output.Member(object, "ID")))] = true
	}
	return func(ctx context.Context, since, until time.Time, fields []string) ([]jsontext.Value, error) {
		found, err := d.list(ctx, objects.EnteredByMe(d.m, since, until), fields)
		if err != nil || !until.IsZero() { // what an earlier run has made was there before this one
			return found, err
		}
		return slices.DeleteFunc(found, func(object jsontext.Value) bool {
			return before[strings.ToLower(output.Text(output.Member(object, "ID")))]
		}), nil
	}, nil
}

// serverClock is what is known of the server's clock: at which time of ours an answer bore which of its own. It is early rather than
// late, by up to a second and an answer's way.
type serverClock struct {
	mu    sync.Mutex
	ahead time.Duration
	known bool
}

// unknownClock is how early a clock is taken to be of which nothing is known.
const unknownClock = 10 * time.Minute

func (c *serverClock) observe(date string) {
	at, err := time.Parse(time.RFC1123, date)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead, c.known = time.Until(at), true
}

func (c *serverClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return time.Now().Add(-unknownClock)
	}
	return time.Now().Add(c.ahead)
}
