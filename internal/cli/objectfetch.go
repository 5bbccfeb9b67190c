package cli

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// fetch gives the rows of those that are there. Whether Workfront refuses a list of IDs for one that is not there, or leaves that one
// out, is not documented: both are understood. It is asked again for what it has left out, since it may have cut the answer.
func (g *getting) fetch(ids []id) (map[id]jsontext.Value, error) {
	found := make(map[id]jsontext.Value, len(ids))
	for want := ids; len(want) > 0; {
		rows, err := g.ask(want)
		if isNotFound(err) {
			g.refused = err
			if len(want) == 1 {
				return found, nil
			}
			return found, g.apart(want, found)
		}
		if err != nil {
			return found, err
		}
		var left []id
		for _, row := range rows {
			if i, err := parseID(output.Text(output.Member(row, "ID"))); err == nil {
				found[i] = g.without(row)
			}
		}
		for _, i := range want {
			if _, ok := found[i]; !ok {
				left = append(left, i)
			}
		}
		if len(left) == len(want) {
			break
		}
		want = left
	}
	return found, nil
}

func (g *getting) without(row jsontext.Value) jsontext.Value {
	if g.hidden {
		return output.Without(row, "ID")
	}
	return row.Clone()
}

// apart finds those of a list that are there where the whole is refused: by a search, or where there is none by halves.
func (g *getting) apart(ids []id, found map[id]jsontext.Value) error {
	if !g.object.Secondary() && g.object.Verb(objects.Search, g.cache.known(g.object.Code)) == nil && !g.searches {
		g.searches = true
		more, err := g.fetch(ids)
		maps.Copy(found, more)
		if err == nil {
			return nil
		}
		if _, refused := errors.AsType[*workfront.Refusal](err); !refused {
			return err
		}
		g.searches = false
	}
	for half := range slices.Chunk(ids, (len(ids)+1)/2) {
		more, err := g.fetch(half)
		maps.Copy(found, more)
		if err != nil {
			return err
		}
	}
	return nil
}

// ask sends one request.
func (g *getting) ask(ids []id) ([]jsontext.Value, error) {
	var list strings.Builder
	for n, i := range ids {
		if n > 0 {
			list.WriteByte(',')
		}
		list.WriteString(i.String())
	}
	if g.searches {
		return g.search(list.String(), len(ids))
	}
	r, err := g.request(objects.Get, "", []objects.Param{{Key: "id", Value: list.String()}}, g.selected.params())
	if err != nil {
		return nil, err
	}
	return g.rows(g.ctx, r)
}

// search asks for a list by a filter, which no ID can have refused.
func (g *getting) search(list string, n int) (rows []jsontext.Value, err error) {
	in := []objects.Param{{Key: "ID", Value: list}, {Key: "ID_Mod", Value: "in"}}
	r, err := g.request(objects.Search, "", in, g.selected.params())
	if err != nil {
		return nil, err
	}
	for page, err := range g.client.Pages(g.ctx, r, workfront.Walk{PageSize: n + 1}) {
		if err != nil {
			return nil, err
		}
		for _, row := range page {
			rows = append(rows, row.Clone())
		}
	}
	return rows, nil
}

// isNotFound tells the refusal of an ID that nothing has from all others.
func isNotFound(err error) bool {
	refusal, ok := errors.AsType[*workfront.Refusal](err)
	return ok && !refusal.SessionGone && (refusal.Status == http.StatusNotFound || strings.Contains(refusal.Message, "primary key value"))
}

// missingError is about what was asked for by its ID and is not there.
type missingError struct {
	missing, of int
	what        string // the only one
}

func (e *missingError) Error() string {
	if e.what != "" {
		return e.what + ": not found"
	}
	return fmt.Sprintf("%d of %d were not found", e.missing, e.of)
}

func (e *missingError) status() int {
	if e.of == 1 {
		return exitRefused
	}
	return exitSome
}

func unique(ids []id) (once []id) {
	seen := make(map[id]bool, len(ids))
	for _, i := range ids {
		if !seen[i] {
			seen[i] = true
			once = append(once, i)
		}
	}
	return once
}
