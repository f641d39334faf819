package shellproof_test.decision

import data.shellproof.decision

test_rank_is_the_place_in_the_order if {
	decision.rank == {name: i | some i, name in decision.order}
}

test_a_cap_gives_the_laxer_of_two if {
	every cap, rank in decision.rank {
		every other, other_rank in decision.rank {
			decision.at_most[cap][other] == decision.order[min({rank, other_rank})]
		}
	}
}
