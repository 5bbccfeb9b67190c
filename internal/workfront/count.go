package workfront

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Count asks how many rows the search r has. It is a hint, for rows come and go.
func (c *Client) Count(ctx context.Context, r Request) (int, error) {
	l, err := c.list(r)
	if err != nil {
		return 0, err
	}
	path, ok := strings.CutSuffix(l.request.Path, "/search")
	if !ok {
		return 0, &UsageError{"only a search can be counted"}
	}
	fields := slices.DeleteFunc(slices.Clone(l.request.Fields), func(f Field) bool {
		return f.Key == "fields" || strings.HasSuffix(f.Key, "_Sort")
	})
	resp, err := c.Do(ctx, Request{Path: path + "/count", Header: r.Header, Fields: fields})
	if resp != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		return 0, err
	}
	// The documentation has the count at the top, recorded answers have it in data.
	var answer struct {
		Count *int `json:"count"`
		Data  struct {
			Count *int `json:"count"`
		} `json:"data"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return 0, err
	}
	n := cmp.Or(answer.Data.Count, answer.Count)
	if n == nil {
		return 0, errors.New("the answer has no count")
	}
	return *n, nil
}
