package workfront

import "errors"

// probe finds out whether $$FIRST is honoured at all, once a page beyond the first began as the list does. No list is so long as
// to have a row where it asks.
func (w *walker) probe(p *page) error {
	const far = 1 << 30
	if w.probed || p.first == 0 || string(p.rows[0].id) != w.head {
		return nil
	}
	w.probed = true
	p, err := w.wait(w.ask(far, minPageSize))
	if err != nil {
		if _, refused := errors.AsType[*Refusal](err); refused {
			return nil // which is honouring it, too
		}
		return err
	}
	defer w.release(p)
	if len(p.rows) > 0 {
		return errors.New("it cannot be read in pages: the server ignores $$FIRST")
	}
	return nil
}
