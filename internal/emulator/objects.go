package emulator

import "strings"

// get answers /proj/ID, /proj?ID=a,b and named queries.
func (c *call) get(dst []byte, t *table) ([]byte, error) {
	d := c.tenant.data
	d.mu.RLock()
	defer d.mu.RUnlock()
	if len(c.path) > 2 {
		return nil, c.tooManyParts()
	}
	if len(c.path) == 2 && !looksLikeID(c.path[1]) {
		return c.query(dst, t, c.path[1])
	}
	selected, err := c.selectFields(t)
	if err != nil {
		return nil, err
	}
	if len(c.path) == 2 {
		row, err := find(t, c.path[1])
		if err != nil {
			return nil, err
		}
		return selected.appendObject(dst, row, c.version), nil
	}
	ids := c.ids()
	if len(ids) == 0 {
		return nil, unsupported("you must specify an ID")
	}
	rows := make([]int32, len(ids))
	for i, id := range ids {
		if rows[i], err = find(t, id); err != nil {
			return nil, err
		}
	}
	return appendList(dst, selected, rows, c.version), nil
}

// ids reads the IDs that a request without one in its path is about.
func (c *call) ids() (ids []string) {
	for _, name := range []string{"ID", "id", "ids"} {
		for _, list := range c.params.all(name) {
			for id := range strings.SplitSeq(list, ",") {
				if id = strings.TrimSpace(id); id != "" {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

func find(t *table, text string) (int32, error) {
	if i, ok := parseID(text); ok {
		if row, ok := t.row(i); ok {
			return row, nil
		}
	}
	return 0, notFound(t.class, text)
}

// looksLikeID tells the ID from the name in the same place of a path.
func looksLikeID(s string) bool {
	_, ok := parseID(strings.ToLower(s))
	return ok
}

const queryUserAdmins = "userAdmins"

// query answers the named queries that an object type has.
func (c *call) query(dst []byte, t *table, name string) ([]byte, error) {
	if name != queryUserAdmins || t.class.code != "USER" {
		return nil, unsupported("APIModel %s does not support namedQuery %s (%s)", c.model, name, t.class.code)
	}
	selected, err := c.selectFields(t)
	if err != nil {
		return nil, err
	}
	isAdmin := t.class.field("isAdmin")
	var rows []int32
	for _, row := range t.order {
		if t.get(isAdmin, row).number == 1 {
			rows = append(rows, row)
		}
	}
	return appendList(dst, selected, rows, c.version), nil
}
