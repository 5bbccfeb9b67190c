package secrets

import "context"

// Move takes the secrets out of one store and puts them into another, and
// leaves no copy in from that could shadow them later. What to held before is
// replaced; when from is empty, nothing changes. After an error, or a kill,
// from still holds everything: its copy goes only when that in to is safe.
func Move(ctx context.Context, from, to *Item) error {
	first, second := from, to
	if first.where > second.where {
		first, second = second, first // one order for all, so that no two moves wait for each other
	}
	for _, i := range []*Item{first, second} {
		release, err := i.Lock(ctx)
		if err != nil {
			return err
		}
		defer release()
	}
	payload, err := from.Load(ctx)
	if payload == nil || err != nil {
		return err
	}
	if _, err := to.Load(ctx); err != nil {
		return err
	}
	if err := to.Save(ctx, payload); err != nil {
		return err
	}
	return from.Delete(ctx)
}
