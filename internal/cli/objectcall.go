package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// explainFor is how long an explanation may take: what was to be explained has been known before.
const explainFor = 10 * time.Second

// objectCall is a verb of an object that is being run.
type objectCall struct {
	*app
	cmd    *cobra.Command
	object objects.Object
	ctx    context.Context
	client *workfront.Client
	cache  *metadataCache
}

// onObject runs a verb. Before anything is sent, check looks at the names that were typed, as far as the metadata in the cache tells.
func (a *app) onObject(cmd *cobra.Command, o objects.Object, waits waitFlags, check func(objects.Known) error, do func(*objectCall) error) error {
	if err := waits.check(cmd); err != nil {
		return err
	}
	s, err := a.settings(cmd)
	if err != nil {
		return err
	}
	cache := a.metadataCache(s)
	err = o.Verb(cmd.Name(), cache.known(o.Code))
	if err == nil {
		err = check(cache.known)
	}
	if err != nil {
		return a.wrongName(cmd, err)
	}
	ctx, cancel := waits.bound(cmd.Context())
	defer cancel()
	client, honoured, err := a.connect(ctx, s, waits)
	if err != nil {
		return err
	}
	defer honoured()
	c := &objectCall{a, cmd, o, ctx, client, cache}
	return c.explained(do(c))
}

// request asks for something of the object. Nothing that these commands send may change anything, whatever stands in a parameter.
func (c *objectCall) request(verb, name string, lists ...[]objects.Param) (workfront.Request, error) {
	e := c.object.Request(verb, name, "")
	r := workfront.Request{Method: e.Method, Path: e.Path, Fields: fieldsOf(lists...)}
	if r.Changes() {
		return r, usagef("wfauth api --help", "%s only reads, and a parameter would have it change something", c.cmd.CommandPath())
	}
	for _, f := range r.Fields {
		if meant, ok := workfront.MeantDollars(f); ok {
			c.note(fmt.Sprintf("%s=%s looks as if the shell had put a number of its own for $$: in single quotes it stays, as in %s",
				f.Key, f.Value, typed([]string{meant.Key + "=" + meant.Value})))
		}
	}
	return r, nil
}

// rows sends a request and gives the objects that it is answered with. An answer that cannot be read leaves it open whether what
// the request changes was done.
func (c *objectCall) rows(ctx context.Context, r workfront.Request) ([]jsontext.Value, error) {
	answer, err := c.client.Do(ctx, r)
	if answer != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	var rows output.Answer
	if err == nil {
		rows, err = output.Rows(body, output.Keys{})
	}
	if err != nil && r.Changes() {
		err = &workfront.MaybeDoneError{Err: err}
	}
	return rows.Rows, err
}

// explained adds to a refusal the real names that are nearest to one that Workfront does not know.
func (c *objectCall) explained(err error) error {
	refusal, ok := errors.AsType[*workfront.Refusal](err)
	if !ok || refusal.SessionGone {
		return err
	}
	refused, ok := objects.ParseRefusal(refusal.Message)
	if !ok {
		return err
	}
	var unknown *objects.Unknown
	c.explaining(func(known objects.Known) { unknown = refused.Explain(c.object, known) })
	if unknown == nil || unknown.Nearest == nil && unknown.Has == nil {
		return err
	}
	return &hinted{fmt.Errorf("%w: %w", err, unknown), c.renamed(c.cmd, unknown, "")}
}

// explaining gives f what metadata there is, asked for where it is not in the cache.
func (c *objectCall) explaining(f func(objects.Known)) {
	ctx, cancel := context.WithTimeout(c.ctx, explainFor)
	defer cancel()
	asked := map[string]bool{}
	f(func(code string) *objects.Metadata {
		m := c.cache.known(code)
		if m != nil || asked[code] {
			return m
		}
		asked[code] = true
		m, _ = c.fetchMetadata(ctx, code) // an explanation is a courtesy: a fault of it is none of the command's
		return m
	})
}

// doubts are notes on values that their fields do not have, once before the request and once more if nothing was found.
type doubts struct {
	filter *objects.Filter
	told   bool
}

func (c *objectCall) doubt(f *objects.Filter) *doubts {
	d := &doubts{filter: f}
	for _, unknown := range f.Notes(c.object, c.cache.known) {
		c.note(unknown.Error())
		d.told = true
	}
	return d
}

// nothingFound says why, if it is for such a value.
func (c *objectCall) nothingFound(d *doubts) {
	if c.quiet || !d.filter.Doubtful() {
		return
	}
	c.explaining(func(known objects.Known) {
		for _, unknown := range d.filter.Notes(c.object, known) {
			if d.told {
				unknown.Has, unknown.Nearest = nil, nil
			}
			c.note(fmt.Sprintf("nothing was found, and this may be why: %v", unknown))
		}
	})
}
