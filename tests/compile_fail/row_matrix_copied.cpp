// refused: (use of deleted function|call to implicitly-deleted copy constructor|deleted)
// Rows hold a client's values: they move, they are not copied.
#include <veilsum/encoding/row_matrix.hpp>

#include <utility>

int main() {
    veilsum::encoding::row_matrix rows(1, 1);
#ifdef VEILSUM_MISUSE
    const veilsum::encoding::row_matrix other = rows;
#else
    const veilsum::encoding::row_matrix other = std::move(rows);
#endif
    return static_cast<int>(other.rows()) - 1;
}
