package cli

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/wfauth/wfauth/internal/gateway"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// list checks a list that a caller of the gateway asks for, as wfauth OBJECT search --all would.
func (p *proxying) list(l gateway.List) (gateway.Rows, error) {
	wrong := func(err error) error {
		return &gateway.Error{Status: http.StatusBadRequest, Message: p.printable(err.Error())}
	}
	object, err := objects.Lookup(l.Object)
	if err != nil {
		return nil, &gateway.Error{Status: http.StatusNotFound, Message: p.printable(err.Error())}
	}
	cache := p.metadataCache(p.settings) // a caller's own: it is not for several at once
	if err := object.Verb(objects.Search, cache.known(object.Code)); err != nil {
		return nil, &gateway.Error{Status: http.StatusNotFound, Message: p.printable(err.Error())}
	}
	if l.Dates != "" && l.Dates != "iso" {
		return nil, wrong(errors.New("dates=" + l.Dates + ": iso is the only form"))
	}
	var paths []objects.Path
	var selected []objects.Param
	for _, fields := range l.Fields {
		selected = append(selected, objects.Param{Key: "fields", Value: fields})
		for _, name := range workfront.FieldNames(fields) {
			path, err := objects.ParseSelection(name)
			if err != nil {
				return nil, wrong(err)
			}
			paths = append(paths, path)
		}
	}
	for _, p := range l.Order {
		selected = append(selected, objects.Param{Key: p.Key, Value: p.Value})
	}
	filters := filterFlags{}
	filter, err := filters.filter(l.Filters)
	if err == nil {
		err = filter.Check(object, cache.known)
	}
	if err == nil {
		err = objects.CheckPaths(paths, object, cache.known)
	}
	if err != nil {
		return nil, wrong(err)
	}
	e := object.Request(objects.Search, "", "")
	request := workfront.Request{Method: e.Method, Path: e.Path, Fields: fieldsOf(filter.Params(), selected)}
	if request.Changes() {
		return nil, wrong(errors.New("a list is read, and a parameter would have it change something"))
	}
	flags := rowFlags{format: output.Format(l.Format), dates: l.Dates}
	return func(ctx context.Context, w io.Writer) error { return p.rows(ctx, request, flags, w) }, nil
}

// rows walks a list, and writes it as the rows come.
func (p *proxying) rows(ctx context.Context, r workfront.Request, flags rowFlags, w io.Writer) error {
	s, err := shapeOf(r)
	if err != nil {
		return p.told(err)
	}
	to := &severed{Writer: w}
	rows, err := p.rowWriter(ctx, destination{Writer: to}, flags, s.fields, nil)
	if err != nil {
		return p.told(err)
	}
	for page, err := range p.client.Pages(ctx, r, workfront.Walk{Ahead: p.ahead}) {
		if err == nil {
			err = rows.Page(page)
		}
		if err != nil {
			to.off = true // a half list is not shown: those rows that wait for the last one go unwritten
			_ = rows.Break()
			return p.told(err)
		}
	}
	if err := rows.Close(); err != nil {
		return p.told(err)
	}
	return nil
}

// severed is a writer that can be taken away.
type severed struct {
	io.Writer
	off bool
}

func (s *severed) Write(p []byte) (int, error) {
	if s.off {
		return 0, io.ErrClosedPipe
	}
	return s.Writer.Write(p)
}
