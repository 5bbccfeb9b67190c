package objects

// everywhere are the fields that objects have without the metadata saying so.
var everywhere = [...]string{"ID", "objCode", "parameterValues"}

// Resolve finds the field that a path leads to. It is nil where metadata on the way is not known, and for the fields of which
// metadata says nothing. The error is an [Unknown].
func (p Path) Resolve(o Object, known Known) (*Field, error) {
	code, below := o.Code, ""
	for _, name := range p.References {
		m := known(code)
		if m == nil {
			return nil, nil
		}
		f := m.Field(name)
		if name == "parameterValues" {
			return nil, nil
		}
		if f == nil || f.Role != Reference && f.Role != Collection {
			return nil, m.unknownField(name, below, true)
		}
		code, below = f.Target, below+name+":"
	}
	m := known(code)
	if m == nil || p.Field == "*" {
		return nil, nil
	}
	f := m.Field(p.Field)
	if f == nil && (!p.Custom() || m.CustomKnown) {
		for _, name := range everywhere {
			if p.Field == name {
				return nil, nil
			}
		}
		return nil, m.unknownField(p.Field, below, false)
	}
	return f, nil
}

// unknownField is the complaint about a field that the object does not have. Only what leads to objects can be meant in
// the middle of a path.
func (m *Metadata) unknownField(name, below string, leads bool) *Unknown {
	key := name
	if p := (Path{Field: name}); p.Custom() {
		key = name[len(custom):]
	}
	candidates := m.fieldNames(below)
	if leads {
		roads := Metadata{}
		for _, f := range m.Fields {
			if f.Role == Reference || f.Role == Collection {
				roads.Fields = append(roads.Fields, f)
			}
		}
		candidates = roads.fieldNames(below)
	}
	return &Unknown{Kind: KindField, Name: name, In: m.Code, Nearest: Nearest(key, candidates)}
}

// through are the object types whose metadata a path needs, as far as known leads: that of o, and those of its references.
func (p Path) through(code string, known Known) []string {
	codes := []string{code}
	for _, name := range p.References {
		m := known(code)
		if m == nil {
			break
		}
		f := m.Field(name)
		if f == nil || f.Target == "" {
			break
		}
		code = f.Target
		codes = append(codes, code)
	}
	return codes
}

// CheckPaths returns an [Unknown] for the first path that leads nowhere, as far as metadata is known.
func CheckPaths(paths []Path, o Object, known Known) error {
	for _, p := range paths {
		if _, err := p.Resolve(o, known); err != nil {
			return err
		}
	}
	return nil
}
